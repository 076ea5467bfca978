package kiln.model.network;

import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import kiln.bindings.Region;
import kiln.model.Backends;
import kiln.model.Evaluation;
import kiln.model.Golden;
import kiln.model.GoldenTensors;
import kiln.model.Tolerances;
import kiln.model.autodiff.Autodiff;
import kiln.model.graph.Graph;
import kiln.model.graph.Node;
import kiln.model.graph.Parameter;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.op.Ops;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterTable;
import kiln.model.weights.WeightNames;
import kiln.model.weights.Weights;

/**
 * One case of a golden network: binds its inputs and weights, runs it on a backend, and compares every golden tensor that has
 * been given a value. Feature maps are NCHW in the files and NHWC in the graph.
 */
public final class GoldenNetwork implements AutoCloseable {
  public final Graph graph = new Graph();
  private final Path folder;
  private final WeightNames weightNames;
  private final GoldenTensors tensors;
  private final ParameterTable table;
  private final Map<Value, Object> inputs = new LinkedHashMap<>();
  private final Map<String, Value> floatInputs = new LinkedHashMap<>();
  private final Map<String, Value> results = new LinkedHashMap<>();
  private final Set<String> gradients = new TreeSet<>();

  public GoldenNetwork(String folder, List<Parameter> parameters) {
    this(Golden.folder(folder), parameters);
  }

  public GoldenNetwork(Path folder, List<Parameter> parameters) {
    this(folder, parameters, WeightNames.SAME);
  }

  /** For a weight file with names of its own. */
  public GoldenNetwork(Path folder, List<Parameter> parameters, WeightNames weightNames) {
    this.folder = folder;
    this.weightNames = weightNames;
    this.tensors = Golden.tensors(folder.resolve("data.safetensors"));
    this.table = new ParameterTable(parameters);
  }

  public Set<String> names() {
    return tensors.names();
  }

  public Shape shape(String tensor) {
    return tensors.shape(tensor);
  }

  /** A float tensor of the file as input. */
  public Value floats(String tensor) {
    return floatInputs.computeIfAbsent(
        tensor,
        name -> {
          Value value = graph.input(name, TensorType.f32(inside(tensors.shape(name))));
          inputs.put(value, inside(name));
          return value;
        });
  }

  /** An integer tensor of the file as input. */
  public Value ints(String tensor) {
    return ints(tensor, tensors.shape(tensor), tensors.ints(tensor));
  }

  public Value ints(String name, Shape shape, int... values) {
    Value value = graph.input(name, TensorType.i32(shape.dims()));
    inputs.put(value, values);
    return value;
  }

  /** The value that is to agree with the tensor called {@code tensor}. */
  public void expect(String tensor, Value value) {
    results.put(tensor, value);
  }

  /** sum(out · R) as a scalar. */
  public static Value sum(Value out) {
    return Ops.reshape(Ops.sum(out, 0, out.shape().rank()), Shape.SCALAR);
  }

  /**
   * Expects the gradients that the file has of {@code loss}, each for a parameter or one of {@code others}.
   *
   * @param prefix of the names of gradients in the file: {@code a.grad.}
   */
  public void expectGradients(String prefix, Value loss, Map<String, Value> others) {
    Map<String, Value> targets = new LinkedHashMap<>();
    graph.parameters().forEach((parameter, value) -> targets.put(prefix + parameter.name(), value));
    others.forEach((name, value) -> targets.put(prefix + "input." + name, value));
    targets.keySet().retainAll(tensors.names());
    Set<String> published = new TreeSet<>(tensors.names());
    published.removeIf(name -> !name.startsWith(prefix));
    if (!published.equals(new TreeSet<>(targets.keySet()))) {
      published.removeAll(targets.keySet());
      throw new AssertionError("gradients in the file that the network does not have: " + published);
    }
    Map<Value, Value> found = Autodiff.gradients(loss, targets.values());
    targets.forEach((name, value) -> results.put(name, found.get(value)));
    gradients.addAll(targets.keySet());
  }

  /** The output of the layer whose scope is {@code scope}: that of the last node traced in it. Ask before differentiating. */
  public Value outputOf(String scope) {
    return graph.nodes().stream()
        .filter(node -> node.scope().equals(scope) || node.scope().startsWith(scope + "."))
        .reduce((first, second) -> second)
        .map(Node::outputs)
        .orElseThrow(() -> new IllegalArgumentException("no node in scope " + scope))
        .getFirst();
  }

  /** Runs on the named backend and compares under the tolerances of {@code caseName}. */
  public void check(String backendName, String caseName) {
    check(backendName, Golden.tolerances(), caseName);
  }

  /** As above, for bounds that are not those of the golden files. */
  public void check(String backendName, Tolerances tolerances, String caseName) {
    try (Backend backend = Backends.open(backendName)) {
      check(backend, tolerances, caseName);
    }
  }

  /** As above, on a backend that stays open. */
  public void check(Backend backend, Tolerances tolerances, String caseName) {
    run(backend)
        .forEach((name, actual) -> tolerances.check(caseName, name, actual, expected(name), gradients.contains(name)));
  }

  /** Whether a tensor of the file is a gradient that is expected. */
  public boolean isGradient(String tensor) {
    return gradients.contains(tensor);
  }

  /** A tensor of the file, in the order of the graph's layout. */
  public float[] expected(String tensor) {
    return inside(tensor);
  }

  /** The values of everything expected, in the order of the graph's layout. */
  public Map<String, float[]> run(String backendName) {
    try (Backend backend = Backends.open(backendName)) {
      return run(backend);
    }
  }

  /** As above, on a backend that stays open. */
  public Map<String, float[]> run(Backend backend) {
    try (Region weights = Region.allocate("weights", table.bytes());
        Evaluation evaluation = new Evaluation(graph, backend, results.values())) {
      Weights.load(folder, weightNames, table, "", weights.segment());
      graph.parameters()
          .forEach(
              (parameter, value) ->
                  evaluation.set(
                      value, table.entry(parameter.name()).slice(weights.segment()).toArray(ValueLayout.JAVA_FLOAT)));
      inputs.forEach(
          (value, array) -> {
            if (array instanceof float[] floats) {
              evaluation.set(value, floats);
            } else {
              evaluation.set(value, (int[]) array);
            }
          });
      evaluation.run();
      Map<String, float[]> found = new LinkedHashMap<>();
      results.forEach((name, value) -> found.put(name, evaluation.get(value)));
      return found;
    }
  }

  private boolean isMap(String tensor) {
    return tensors.shape(tensor).rank() == 4 && table.entry(parameterOf(tensor)) == null;
  }

  /** Convolution weights have four axes too, but the same order in both. */
  private static String parameterOf(String tensor) {
    int grad = tensor.indexOf("grad.");
    return grad < 0 ? tensor : tensor.substring(grad + "grad.".length());
  }

  private float[] inside(String tensor) {
    float[] values = tensors.floats(tensor);
    return isMap(tensor) ? Golden.channelsLast(values, tensors.shape(tensor).dims()) : values;
  }

  private static Shape inside(Shape file) {
    return file.rank() == 4 ? Shape.of(file.dim(0), file.dim(2), file.dim(3), file.dim(1)) : file;
  }

  @Override
  public void close() {
    tensors.close();
  }
}
