package kiln.model.op;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kiln.model.Evaluation;
import kiln.model.Golden;
import kiln.model.GoldenTensors;
import kiln.model.Tolerances;
import kiln.model.autodiff.Autodiff;
import kiln.model.graph.Graph;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.plan.Backend;
import tools.jackson.databind.JsonNode;

/**
 * A case of golden/ops/ops.json as a graph. Golden maps are [N, C, …] and attention heads [B, heads, L, D]; the graph permutes
 * them to the engine's layouts and back, so that inputs, outputs and gradients are compared as they are stored.
 */
public final class GoldenOp {
  /** The bound of outputs that tolerances.json gives most cases, for those without gradients, which it leaves out. */
  private static final double OUTPUT_RTOL = 3e-5;

  private final JsonNode node;
  private final Set<String> unread = new HashSet<>();
  private final Graph graph = new Graph();
  private final Map<String, Value> floatInputs = new LinkedHashMap<>();
  private final Map<String, Value> intInputs = new LinkedHashMap<>();
  private final Value out;

  private GoldenOp(JsonNode node) {
    this.node = node;
    node.required("attributes").properties().forEach(p -> unread.add(p.getKey()));
    unread.remove("formula"); // says in words what the name of the operation says
    for (String name : Golden.texts(node.required("float_inputs"))) {
      floatInputs.put(name, graph.input(name, TensorType.f32(shape(name))));
    }
    for (String name : Golden.texts(node.required("int_inputs"))) {
      intInputs.put(name, graph.input(name, TensorType.i32(shape(name).dims())));
    }
    out = trace(node.required("op").stringValue());
    if (!unread.isEmpty()) {
      throw new IllegalStateException("attributes that the test does not know: " + unread);
    }
  }

  /** All cases of ops.json, by name. */
  public static JsonNode cases() {
    return Golden.json("ops/ops.json").required("cases");
  }

  /** Runs one case, forward and backward, and compares it with PyTorch's values. */
  public static void check(String name, JsonNode node, Backend backend) {
    new GoldenOp(node).check(name, backend);
  }

  private void check(String name, Backend backend) {
    try (GoldenTensors tensors = Golden.tensors("ops/ops.safetensors")) {
      checkShape("out", out.shape(), shape("out"));
      if (floatInputs.isEmpty()) {
        try (Evaluation evaluation = new Evaluation(graph, backend, List.of(out))) {
          bind(evaluation, name, tensors);
          float[] actual = evaluation.run().get(out);
          Tolerances.checkRelative(name + " out", OUTPUT_RTOL, actual, tensors.floats(name + ".out"));
        }
        return;
      }
      Value weights = graph.input("R", TensorType.f32(shape("R")));
      Value loss = Ops.reshape(Ops.sum(Ops.mul(out, weights), 0, out.shape().rank()), Shape.SCALAR);
      Map<String, Value> results = new LinkedHashMap<>(Map.of("out", out));
      Map<Value, Value> gradients = Autodiff.gradients(loss, floatInputs.values());
      floatInputs.forEach((input, value) -> results.put("grad." + input, gradients.get(value)));
      Tolerances tolerances = Golden.tolerances();
      try (Evaluation evaluation = new Evaluation(graph, backend, new ArrayList<>(results.values()))) {
        bind(evaluation, name, tensors);
        evaluation.set(weights, tensors.floats(name + ".R"));
        evaluation.run();
        results.forEach((tensor, value) -> {
          float[] expected = tensors.floats(name + "." + tensor);
          checkShape(tensor, value.shape(), tensors.shape(name + "." + tensor));
          tolerances.check("ops." + name, tensor, evaluation.get(value), expected, tensor.startsWith("grad."));
        });
      }
    }
  }

  private static void checkShape(String tensor, Shape actual, Shape expected) {
    if (!actual.equals(expected)) {
      throw new AssertionError(tensor + ": found shape " + actual + ", expected " + expected);
    }
  }

  private void bind(Evaluation evaluation, String name, GoldenTensors tensors) {
    floatInputs.forEach((input, value) -> evaluation.set(value, tensors.floats(name + "." + input)));
    intInputs.forEach((input, value) -> evaluation.set(value, tensors.ints(name + "." + input)));
  }

  private Shape shape(String name) {
    return Shape.of(Golden.ints(node.required("shapes").required(name)));
  }

  private Value trace(String op) {
    return switch (op) {
      case "conv2d" -> channelsFirst(Ops.conv2d(map("x"), in("weight"), in("bias"), convolution()));
      case "conv_transpose2d" -> channelsFirst(convTranspose());
      case "group_norm" -> channelsFirst(groupNorm(false));
      case "group_norm_silu" -> channelsFirst(groupNorm(true));
      case "layer_norm" -> apply(new LayerNorm(epsilon()), in("x"), in("weight"), in("bias"));
      case "rms_norm" -> apply(new RmsNorm(epsilon()), in("x"), in("weight"));
      case "linear" -> Ops.linear(in("x"), in("weight"), in("bias"));
      case "matmul" -> Ops.matMul(in("a"), in("b"), false, false);
      case "gelu" -> Ops.unary(gelu(), in("x"));
      case "silu" -> Ops.silu(in("x"));
      case "sigmoid" -> Ops.unary(Unary.Function.SIGMOID, in("x"));
      case "tanh" -> Ops.unary(Unary.Function.TANH, in("x"));
      case "geglu" -> apply(new Geglu(), in("x"));
      case "gated_gelu_t5" -> Ops.mul(Ops.unary(Unary.Function.GELU_TANH, in("a")), in("b"));
      case "softmax" -> softmax(false);
      case "log_softmax" -> softmax(true);
      case "attention" -> attention();
      case "upsample_nearest" -> channelsFirst(upsample());
      case "avg_pool2d" -> channelsFirst(apply(new AvgPool2d(pair("kernel")[0], pair("stride")[0]), map("x")));
      case "mean_hw" -> meanOfPixels();
      case "roll" -> apply(new Roll(list("shifts"), list("axes")), in("x"));
      case "embedding" -> apply(new Embedding(read("padding_idx").asInt(-1)), in("weight"), in("ids"));
      case "cross_entropy" -> apply(crossEntropy(), in("x"), in("labels"));
      case "mse_weighted" -> apply(new WeightedMse(), in("pred"), in("target"), in("weight"));
      case "timestep_embedding" -> apply(timesteps(), in("timesteps"));
      default -> throw new IllegalStateException("ops.json has an operation that the test does not know: " + op);
    };
  }

  private Value in(String name) {
    return floatInputs.containsKey(name) ? floatInputs.get(name) : intInputs.get(name);
  }

  private Value apply(Op op, Value... inputs) {
    return graph.apply(op, inputs);
  }

  private JsonNode read(String attribute) {
    unread.remove(attribute);
    return node.required("attributes").path(attribute);
  }

  private List<Integer> list(String attribute) {
    return read(attribute).valueStream().map(JsonNode::intValue).toList();
  }

  /** A number for both directions, or one for each. */
  private int[] pair(String attribute) {
    JsonNode value = read(attribute);
    return value.isArray() ? Golden.ints(value) : new int[] {value.intValue(), value.intValue()};
  }

  private float epsilon() {
    return (float) read("eps").doubleValue();
  }

  /** [N, C, …] to [N, …, C]. */
  private Value map(String name) {
    Value x = in(name);
    List<Integer> axes = new ArrayList<>(List.of(0));
    for (int axis = 2; axis < x.shape().rank(); axis++) {
      axes.add(axis);
    }
    axes.add(1);
    return apply(new Permute(axes), x);
  }

  private Value channelsFirst(Value x) {
    List<Integer> axes = new ArrayList<>(List.of(0, x.shape().rank() - 1));
    for (int axis = 1; axis < x.shape().rank() - 1; axis++) {
      axes.add(axis);
    }
    return apply(new Permute(axes), x);
  }

  private ConvGeometry convolution() {
    int[] stride = pair("stride");
    int[] padding = pair("padding");
    int[] dilation = node.required("attributes").has("dilation") ? pair("dilation") : new int[] {1, 1};
    JsonNode extra = read("pad_left_right_top_bottom");
    int[] sides = extra.isArray() ? Golden.ints(extra) : new int[4];
    return new ConvGeometry(
        read("groups").intValue(), stride[0], stride[1], dilation[0], dilation[1],
        padding[0] + sides[2], padding[0] + sides[3], padding[1] + sides[0], padding[1] + sides[1]);
  }

  private Value convTranspose() {
    ConvGeometry g = convolution();
    int[] extra = pair("output_padding");
    Shape x = shape("x");
    Shape w = shape("weight");
    int height = (x.dim(2) - 1) * g.strideH() - g.padTop() - g.padBottom() + g.dilationH() * (w.dim(2) - 1) + 1 + extra[0];
    int width = (x.dim(3) - 1) * g.strideW() - g.padLeft() - g.padRight() + g.dilationW() * (w.dim(3) - 1) + 1 + extra[1];
    return Ops.convTranspose2d(map("x"), in("weight"), in("bias"), g, height, width);
  }

  private Value groupNorm(boolean silu) {
    return apply(new GroupNorm(read("num_groups").intValue(), epsilon(), silu), map("x"), in("weight"), in("bias"));
  }

  private Unary.Function gelu() {
    String approximate = read("approximate").stringValue();
    return switch (approximate) {
      case "none" -> Unary.Function.GELU;
      case "tanh" -> Unary.Function.GELU_TANH;
      default -> throw new IllegalStateException("approximate=" + approximate);
    };
  }

  private Value softmax(boolean log) {
    int axis = read("axis").intValue();
    if (axis != -1 && axis != shape("x").rank() - 1) {
      throw new IllegalStateException("softmax over axis=" + axis);
    }
    return apply(new Softmax(log), in("x"));
  }

  private Value attention() {
    Shape q = shape("q");
    JsonNode scale = read("scale");
    if (!scale.isNumber() && !scale.stringValue().equals("head_dim ** -0.5")) {
      throw new IllegalStateException("scale=" + scale);
    }
    float factor = (float) (scale.isNumber() ? scale.doubleValue() : Math.pow(q.dim(3), -0.5));
    Value y = Ops.attention(tokens("q"), tokens("k"), tokens("v"), q.dim(1), factor, in("bias"), in("mask"));
    return Ops.permute(Ops.reshape(y, Shape.of(q.dim(0), q.dim(2), q.dim(1), shape("v").dim(3))), 0, 2, 1, 3);
  }

  /** [B, heads, L, D] to [B, L, heads·D]. */
  private Value tokens(String name) {
    Shape s = shape(name);
    return Ops.reshape(Ops.permute(in(name), 0, 2, 1, 3), Shape.of(s.dim(0), s.dim(2), s.dim(1) * s.dim(3)));
  }

  private Value upsample() {
    Shape x = shape("x");
    boolean bySize = node.required("attributes").has("size");
    int[] numbers = pair(bySize ? "size" : "scale");
    return apply(
        bySize
            ? new UpsampleNearest(numbers[0], numbers[1])
            : new UpsampleNearest(x.dim(2) * numbers[0], x.dim(3) * numbers[1]),
        map("x"));
  }

  private Value meanOfPixels() {
    Shape x = shape("x");
    Value sum = Ops.sum(map("x"), 1, 3);
    return Ops.reshape(Ops.scale(sum, 1f / (x.dim(2) * x.dim(3))), Shape.of(x.dim(0), x.dim(1)));
  }

  private CrossEntropy crossEntropy() {
    String reduction = read("reduction").stringValue();
    return new CrossEntropy(
        read("ignore_index").intValue(),
        (float) read("label_smoothing").asDouble(0),
        CrossEntropy.Reduction.valueOf(reduction.toUpperCase(java.util.Locale.ROOT)));
  }

  private TimestepEmbedding timesteps() {
    return new TimestepEmbedding(
        read("dim").intValue(), read("flip_sin_to_cos").booleanValue(), (float) read("freq_shift").doubleValue(), 10000);
  }
}
