package kiln.model.graph;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A trace: nodes in the order in which they were applied, which is an order in which they can run. Networks append to it by
 * ordinary method calls; {@link kiln.model.autodiff.Autodiff} appends gradients to it; {@link kiln.model.plan.Plan} runs it.
 */
public final class Graph {
  private final List<Node> nodes = new ArrayList<>();
  private final List<Value> values = new ArrayList<>();
  private final Map<Parameter, Value> parameters = new LinkedHashMap<>();
  private String scope = "";

  /** A tensor that the caller provides at every run. */
  public Value input(String name, TensorType type) {
    return newValue(name, type, null, 0);
  }

  /** The value of a parameter; the same value however often it is asked for, so that shared weights sum their gradients. */
  public Value parameter(Parameter parameter) {
    return parameters.computeIfAbsent(parameter, p -> input(p.name(), TensorType.f32(p.shape())));
  }

  /** The parameters that the trace has used so far, in order of first use. */
  public Map<Parameter, Value> parameters() {
    return Collections.unmodifiableMap(parameters);
  }

  /**
   * Appends a node.
   *
   * @return its outputs
   * @throws IllegalArgumentException if the inputs do not fit the operation or belong to another graph
   */
  public List<Value> apply(Operation op, Collection<Value> inputs) {
    for (Value input : inputs) {
      if (input.graph() != this) {
        throw new IllegalArgumentException(op + ": input " + input + " belongs to another graph");
      }
    }
    List<TensorType> types = op.infer(inputs.stream().map(Value::type).toList());
    List<Value> outputs = new ArrayList<>(types.size());
    Node node = new Node(nodes.size(), op, List.copyOf(inputs), Collections.unmodifiableList(outputs), scope);
    nodes.add(node);
    for (int i = 0; i < types.size(); i++) {
      outputs.add(newValue(scope, types.get(i), node, i));
    }
    return node.outputs();
  }

  /** As {@link #apply(Operation, Collection)}, for the first (usually the only) output. */
  public Value apply(Operation op, Value... inputs) {
    return apply(op, List.of(inputs)).getFirst();
  }

  /** Runs {@code body} with {@code name} appended to the scope of the nodes that it traces. */
  public <T> T scoped(String name, java.util.function.Supplier<T> body) {
    String outer = scope;
    scope = outer.isEmpty() ? name : outer + "." + name;
    try {
      return body.get();
    } finally {
      scope = outer;
    }
  }

  public List<Node> nodes() {
    return Collections.unmodifiableList(nodes);
  }

  /** The nodes that {@code outputs} depend on, in order. */
  public List<Node> nodesFor(Collection<Value> outputs) {
    Set<Value> needed = new HashSet<>(outputs);
    List<Node> found = new ArrayList<>();
    for (Node node : nodes.reversed()) {
      if (node.outputs().stream().anyMatch(needed::contains)) {
        found.add(node);
        needed.addAll(node.inputs());
      }
    }
    return found.reversed();
  }

  public List<Value> values() {
    return Collections.unmodifiableList(values);
  }

  private Value newValue(String name, TensorType type, Node producer, int outputIndex) {
    Value value = new Value(this, values.size(), name, type, producer, outputIndex);
    values.add(value);
    return value;
  }
}
