package kiln.model.op;

import static kiln.model.op.OpCase.bf16;
import static kiln.model.op.OpCase.bytes;
import static kiln.model.op.OpCase.f32;
import static kiln.model.op.OpCase.ids;
import static kiln.model.op.OpCase.labels;
import static kiln.model.op.OpCase.mask;
import static kiln.model.op.OpCase.offGrid;
import static kiln.model.op.OpCase.of;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import kiln.model.graph.DType;
import kiln.model.graph.Shape;

/**
 * Cases for every operation, at the awkward sizes: one channel, odd channels, channels just above a vector's width, maps of one
 * pixel, batches of one, and every pattern of broadcasting.
 */
public final class OpCases {
  private OpCases() {}

  public static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    cases.addAll(elementwise());
    cases.addAll(broadcasts());
    cases.addAll(layout());
    cases.addAll(MapOpCases.all());
    cases.addAll(matrices());
    cases.addAll(attention());
    cases.addAll(norms());
    cases.addAll(lookups());
    cases.addAll(losses());
    List<OpCase> narrow = cases.stream().<OpCase>mapMulti(OpCases::narrow).toList();
    cases.addAll(narrow);
    return cases;
  }

  /** The same case on bfloat16 activations, if the operation takes them; weights stay float32. */
  private static void narrow(OpCase c, Consumer<OpCase> cases) {
    int numActivations = switch (c.op()) {
      case Affine _, Clamp _, Geglu _, Unary _, Binary _, Broadcast _, Concat _, Pad _, Permute _, Reshape _, Roll _,
          Slice _, Sum _, UpsampleNearest _ ->
          c.feeds().size();
      case GroupNorm _, LayerNorm _, RmsNorm _ -> 1;
      default -> 0;
    };
    OpCase narrow = c.narrow(numActivations);
    if (!narrow.feeds().equals(c.feeds())) {
      cases.accept(narrow);
    }
  }

  private static List<OpCase> elementwise() {
    List<OpCase> cases = new ArrayList<>();
    for (Unary.Function function : Unary.Function.values()) {
      boolean corner = function == Unary.Function.RELU;
      cases.add(of(new Unary(function), corner ? offGrid(3, 17) : f32(3, 17)));
      cases.add(of(new Unary(function), corner ? offGrid(1) : f32(1)));
      cases.add(of(new Unary(function), f32(2, 5, 7, 33)));
    }
    cases.add(of(new Affine(2, -1), f32(2, 3, 17)));
    cases.add(of(new Affine(-0.5f, 0.25f), f32()));
    cases.add(of(new Affine(2 / 255f, -1), bytes(2, 5, 5, 3)));
    cases.add(of(new Affine(1, 0), ids(1000, 7)));
    cases.add(of(new Cast(DType.F32), f32(3, 17)));
    cases.add(of(new Cast(DType.BF16), f32(3, 17)).notSmooth());
    cases.add(of(new Cast(DType.F32), bf16(3, 17)).notSmooth());
    cases.add(of(new Clamp(-0.5f, 0.8f), offGrid(5, 17)));
    cases.add(of(new Clamp(0, 0.3f), offGrid(1)));
    cases.add(of(new Geglu(), f32(3, 34)));
    cases.add(of(new Geglu(), f32(1, 2)));
    cases.add(of(new Geglu(), f32(2, 5, 66)));
    cases.add(of(new Fill(Shape.of(3, 5), 0.5f)));
    cases.add(of(new Fill(Shape.SCALAR, -1)));
    return cases;
  }

  /** Large and small shape of each pattern: none, all, leading, middle, trailing; with 1, 3, 17 and 33 channels. */
  private static final int[][][] BROADCASTS = {
    {{3, 17}, {3, 17}},
    {{5}, {5}},
    {{}, {}},
    {{33}, {}},
    {{2, 3}, {1, 1}},
    {{2, 5, 33}, {33}},
    {{2, 3, 4, 17}, {17}},
    {{2, 3, 4, 1}, {1}},
    {{2, 3, 5}, {1, 3, 5}},
    {{2, 3, 5, 17}, {2, 1, 1, 17}},
    {{2, 4, 4, 3}, {2, 1, 1, 3}},
    {{2, 7, 1}, {2, 1, 1}},
    {{3, 5, 7}, {3, 1, 7}},
    {{3, 33}, {3, 1}},
    {{2, 3, 17}, {2, 3, 1}},
    {{2, 3, 4, 5}, {2, 1, 1, 1}},
    {{1, 1, 1, 33}, {33}},
  };

  private static List<OpCase> broadcasts() {
    List<OpCase> cases = new ArrayList<>();
    for (int[][] pair : BROADCASTS) {
      for (Binary.Kind kind : Binary.Kind.values()) {
        cases.add(of(new Binary(kind), f32(pair[0]), f32(pair[1])));
      }
      cases.add(of(new Broadcast(Shape.of(pair[0])), f32(pair[1])));
    }
    int[] dims = {3, 1, 5, 17};
    for (int first = 0; first <= dims.length; first++) {
      for (int end = first; end <= dims.length; end++) {
        cases.add(of(new Sum(first, end), f32(dims)));
      }
    }
    cases.add(of(new Sum(0, 1), f32(33)));
    cases.add(of(new Sum(0, 3), f32(2, 64, 33, 3)));
    cases.add(of(new Sum(0, 0), f32()));
    return cases;
  }

  private static List<OpCase> layout() {
    List<OpCase> cases = new ArrayList<>();
    for (int axis = 0; axis < 4; axis++) {
      cases.add(of(new Slice(axis, 1, 2), f32(3, 4, 5, 3)));
      cases.add(of(new Slice(axis, 0, 1), f32(1, 3, 1, 17)));
      cases.add(of(new Pad(axis, 1, 2), f32(2, 3, 1, 5)));
      cases.add(of(new Pad(axis, 0, 1), f32(1, 1, 1, 33)));
      cases.add(of(new Pad(axis, 3, 0), f32(2, 1, 2, 3)));
      cases.add(of(new Concat(axis), f32(2, 3, 1, 5), f32(2, 3, 1, 5)));
    }
    cases.add(of(new Concat(3), f32(2, 3, 3, 1), f32(2, 3, 3, 17), f32(2, 3, 3, 33)));
    cases.add(of(new Concat(1), f32(2, 1), f32(2, 3)));
    cases.add(of(new Concat(0), f32(7)));
    cases.add(of(new Concat(0), ids(9, 2, 3), ids(9, 1, 3)));
    cases.add(of(new Permute(List.of(0)), f32(5)));
    cases.add(of(new Permute(List.of(1, 0)), f32(3, 17)));
    cases.add(of(new Permute(List.of(0, 2, 1)), f32(2, 33, 5)));
    cases.add(of(new Permute(List.of(2, 0, 1)), f32(2, 3, 5)));
    cases.add(of(new Permute(List.of(0, 3, 1, 2)), f32(2, 3, 5, 7)));
    cases.add(of(new Permute(List.of(0, 2, 3, 1)), f32(1, 17, 3, 1)));
    cases.add(of(new Permute(List.of(0, 1, 2, 3)), f32(1, 2, 3, 4)));
    cases.add(of(new Permute(List.of(3, 2, 1, 0)), f32(2, 3, 4, 5)));
    cases.add(of(new Permute(List.of(0, 1, 3, 2, 4, 5)), f32(2, 3, 2, 2, 3, 2)));
    cases.add(of(new Roll(List.of(-2, 3), List.of(1, 2)), f32(2, 7, 5, 3)));
    cases.add(of(new Roll(List.of(1), List.of(0)), f32(5)));
    cases.add(of(new Roll(List.of(7, -9, 1), List.of(0, 1, 3)), f32(2, 3, 1, 17)));
    cases.add(of(new Reshape(Shape.of(6, 5)), f32(2, 3, 5)));
    return cases;
  }

  private static List<OpCase> matrices() {
    List<OpCase> cases = new ArrayList<>();
    int[][] sizes = {{1, 1, 1}, {3, 17, 5}, {5, 1, 7}, {1, 33, 3}, {7, 3, 1}, {34, 67, 19}, {128, 96, 160}};
    for (int[] size : sizes) {
      int m = size[0];
      int k = size[1];
      int n = size[2];
      for (int transposes = 0; transposes < 4; transposes++) {
        boolean ta = (transposes & 1) != 0;
        boolean tb = (transposes & 2) != 0;
        MatMul op = new MatMul(ta, tb);
        cases.add(of(op, ta ? f32(k, m) : f32(m, k), tb ? f32(n, k) : f32(k, n)));
        cases.add(of(op, ta ? f32(k, m) : f32(m, k), tb ? f32(n, k) : f32(k, n), f32(n)));
      }
    }
    for (int transposes = 0; transposes < 4; transposes++) {
      boolean ta = (transposes & 1) != 0;
      boolean tb = (transposes & 2) != 0;
      MatMul op = new MatMul(ta, tb);
      cases.add(of(op, ta ? f32(2, 3, 5) : f32(2, 5, 3), tb ? f32(2, 7, 3) : f32(2, 3, 7)));
      cases.add(of(op, ta ? f32(2, 2, 3, 1) : f32(2, 2, 1, 3), tb ? f32(2, 2, 5, 3) : f32(2, 2, 3, 5)));
      cases.add(of(op, ta ? bf16(2, 3, 5) : bf16(2, 5, 3), tb ? bf16(2, 7, 3) : bf16(2, 3, 7)).notSmooth());
      cases.add(of(op, ta ? bf16(3, 5) : bf16(5, 3), tb ? f32(7, 3) : f32(3, 7)).notSmooth());
    }
    cases.addAll(weightProducts());
    return cases;
  }

  /** Products of activations and weights, of so few rows that they are turned or that weights are not rounded, and of more. */
  private static List<OpCase> weightProducts() {
    List<OpCase> cases = new ArrayList<>();
    MatMul linear = new MatMul(false, true);
    for (int rows : new int[] {1, 8, 17, 64, 67}) {
      cases.add(of(linear, f32(rows, 35), f32(130, 35), f32(130)));
      cases.add(of(linear, bf16(rows, 35), f32(130, 35), f32(130)).notSmooth());
      cases.add(of(linear, bf16(rows, 35), f32(130, 35)).notSmooth());
      cases.add(of(new MatMul(false, false), bf16(rows, 35), f32(35, 130)).notSmooth());
      cases.add(of(new MatMul(true, false, true), bf16(rows, 35), bf16(rows, 13)).notSmooth());
    }
    return cases;
  }

  private static List<OpCase> attention() {
    List<OpCase> cases = new ArrayList<>();
    cases.add(of(new Attention(1, 1, false, false), f32(1, 1, 1), f32(1, 1, 1), f32(1, 1, 1)));
    cases.add(of(new Attention(3, 0.5f, false, false), f32(2, 5, 9), f32(2, 7, 9), f32(2, 7, 9)));
    cases.add(of(new Attention(2, 0.3f, false, false), f32(1, 3, 34), f32(1, 1, 34), f32(1, 1, 66)));
    cases.add(of(new Attention(2, 0.7f, false, false), f32(2, 17, 16), f32(2, 33, 16), f32(2, 33, 16)));
    cases.add(of(new Attention(4, 0.25f, false, false), f32(2, 256, 64), f32(2, 256, 64), f32(2, 256, 64)));
    cases.add(of(new Attention(2, 1, true, false), f32(2, 3, 4), f32(2, 5, 4), f32(2, 5, 6), f32(1, 2, 3, 5)));
    cases.add(of(new Attention(2, 1, true, false), f32(2, 3, 4), f32(2, 5, 4), f32(2, 5, 4), f32(2, 2, 3, 5)));
    cases.add(of(new Attention(2, 1, true, false), f32(2, 3, 4), f32(2, 5, 4), f32(2, 5, 4), f32(2, 1, 1, 5)));
    cases.add(of(new Attention(2, 1, true, false), f32(2, 3, 4), f32(2, 5, 4), f32(2, 5, 4), f32(1, 1, 3, 1)));
    cases.add(of(new Attention(3, 0.5f, false, true), f32(2, 3, 9), f32(2, 5, 9), f32(2, 5, 9), mask(2, 1, 1, 5)));
    cases.add(of(new Attention(1, 0.5f, false, true), f32(2, 3, 4), f32(2, 5, 4), f32(2, 5, 4), mask(1, 1, 3, 5)));
    cases.add(of(new Attention(2, 0.5f, false, true), f32(2, 3, 4), f32(2, 5, 4), f32(2, 5, 4), mask(2, 2, 3, 5)));
    Op both = new Attention(2, 1, true, true);
    cases.add(of(both, f32(2, 5, 4), f32(2, 5, 4), f32(2, 5, 4), f32(1, 2, 5, 5), mask(2, 1, 1, 5)));
    // More blocks of queries and keys than one, ending within a block.
    cases.add(of(new Attention(2, 0.3f, false, false), f32(1, 150, 32), f32(1, 197, 32), f32(1, 197, 32)));
    cases.add(of(both, f32(2, 67, 10), f32(2, 131, 10), f32(2, 131, 38), f32(1, 2, 67, 131), mask(2, 1, 67, 131)));
    cases.add(of(both, f32(2, 67, 10), f32(2, 70, 10), f32(2, 70, 10), f32(2, 1, 1, 70), mask(2, 1, 67, 1)));
    // bfloat16, with odd widths and lengths, for which pairs are completed.
    cases.add(of(new Attention(1, 1, false, false), bf16(1, 1, 1), bf16(1, 1, 1), bf16(1, 1, 1)));
    cases.add(of(new Attention(3, 0.5f, false, false), bf16(2, 5, 9), bf16(2, 7, 9), bf16(2, 7, 15)));
    cases.add(of(new Attention(2, 0.2f, false, false), bf16(1, 150, 64), bf16(1, 197, 64), bf16(1, 197, 64)));
    cases.add(of(both, bf16(2, 67, 10), bf16(2, 131, 10), bf16(2, 131, 38), f32(1, 2, 67, 131), mask(2, 1, 67, 131)));
    // Heads that fused kernels take, with biases of every extent.
    cases.add(of(new Attention(2, 0.3f, false, false), bf16(3, 5, 16), bf16(3, 7, 16), bf16(3, 7, 32)));
    cases.add(of(new Attention(2, 0.3f, true, false), bf16(3, 5, 16), bf16(3, 7, 16), bf16(3, 7, 16), f32(1, 2, 5, 7)));
    cases.add(of(new Attention(2, 0.3f, true, false), bf16(3, 5, 16), bf16(3, 7, 16), bf16(3, 7, 16), f32(3, 2, 5, 7)));
    cases.add(of(new Attention(2, 0.3f, true, false), bf16(3, 5, 16), bf16(3, 7, 16), bf16(3, 7, 16), f32(1, 1, 5, 7)));
    cases.add(of(new Attention(2, 0.3f, false, true), bf16(3, 5, 16), bf16(3, 7, 16), bf16(3, 7, 16), mask(3, 1, 1, 7)));
    cases.add(of(both, bf16(3, 5, 16), bf16(3, 7, 16), bf16(3, 7, 16), f32(1, 2, 5, 7), mask(3, 1, 5, 7)));
    // All keys dropped: ids below 1 are zeros. The gradient then flows as if they were not, as in the published models.
    Op masked = new Attention(2, 0.5f, false, true);
    cases.add(of(masked, f32(1, 3, 4), f32(1, 5, 4), f32(1, 5, 4), ids(1, 1, 1, 1, 5)).notSmooth());
    return cases;
  }

  private static List<OpCase> norms() {
    List<OpCase> cases = new ArrayList<>();
    for (boolean silu : new boolean[] {false, true}) {
      cases.add(norm(new GroupNorm(1, 1e-5f, silu), 1, 1, 1, 1));
      cases.add(norm(new GroupNorm(1, 1e-5f, silu), 2, 3, 3, 1));
      cases.add(norm(new GroupNorm(3, 1e-6f, silu), 2, 3, 2, 6));
      cases.add(norm(new GroupNorm(33, 1e-5f, silu), 2, 3, 1, 33));
      cases.add(norm(new GroupNorm(11, 1e-5f, silu), 1, 5, 7, 33));
      cases.add(norm(new GroupNorm(1, 1e-5f, silu), 2, 1, 1, 17));
      cases.add(norm(new GroupNorm(4, 1e-5f, silu), 3, 5, 8));
      cases.add(norm(new GroupNorm(2, 1e-5f, silu), 3, 6));
      cases.add(norm(new GroupNorm(8, 1e-5f, silu), 2, 16, 16, 64));
    }
    for (int[] dims : new int[][] {{1, 1}, {5, 3}, {3, 17}, {2, 3, 33}, {1, 128}, {2, 2, 2, 5}}) {
      cases.add(norm(new LayerNorm(1e-5f), dims));
      cases.add(of(new RmsNorm(1e-6f), f32(dims), f32(dims[dims.length - 1])));
      cases.add(of(new Softmax(false), f32(dims)));
      cases.add(of(new Softmax(true), f32(dims)));
    }
    return cases;
  }

  private static OpCase norm(Op op, int... dims) {
    int channels = dims[dims.length - 1];
    return of(op, f32(dims), f32(channels), f32(channels));
  }

  private static List<OpCase> lookups() {
    List<OpCase> cases = new ArrayList<>();
    cases.add(of(new CausalMask(1)));
    cases.add(of(new CausalMask(9)));
    cases.add(of(new CausalMask(70)));
    cases.add(of(new Embedding(-1), f32(5, 1), ids(5, 7)));
    cases.add(of(new Embedding(-1), f32(7, 17), ids(7, 2, 3)));
    cases.add(of(new Embedding(2), f32(4, 33), ids(4, 11)).notSmooth());
    cases.add(of(new RelativePositionBias(5, 5, 16, true), f32(8, 3)));
    cases.add(of(new RelativePositionBias(1, 9, 16, true), f32(8, 1)));
    cases.add(of(new RelativePositionBias(17, 3, 20, false), f32(8, 2)));
    cases.add(of(new RelativePositionBias(33, 33, 128, true), f32(32, 4)));
    cases.add(of(new SelectRows(), ids(90, 3, 7), ids(90, 7), ids(2, 3)));
    cases.add(of(new SelectRows(), ids(90, 1, 1), ids(90, 1), ids(1, 1)));
    cases.add(of(new SelectRows(), ids(90, 4, 2, 3), ids(90, 2, 3), ids(2, 4)));
    cases.add(of(new TimestepEmbedding(11, true, 0, 10000), ids(1000, 5)));
    cases.add(of(new TimestepEmbedding(32, false, 1, 10000), ids(1000, 1)));
    cases.add(of(new TimestepEmbedding(6, true, 0, 100), offGrid(3)).notSmooth());
    return cases;
  }

  private static List<OpCase> losses() {
    List<OpCase> cases = new ArrayList<>();
    for (CrossEntropy.Reduction reduction : CrossEntropy.Reduction.values()) {
      for (float smoothing : new float[] {0, 0.1f}) {
        CrossEntropy op = new CrossEntropy(-100, smoothing, reduction);
        cases.add(of(op, f32(1, 3), labels(3, 1)));
        cases.add(of(op, f32(5, 17), labels(17, 5)));
        cases.add(of(op, f32(13, 33), labels(33, 13)));
      }
    }
    cases.add(of(new WeightedMse(), f32(1, 1), f32(1, 1), f32(1)));
    cases.add(of(new WeightedMse(), f32(3), f32(3), f32(3)));
    cases.add(of(new WeightedMse(), f32(3, 5, 3), f32(3, 5, 3), f32(3)));
    cases.add(of(new WeightedMse(), f32(2, 16, 16, 17), f32(2, 16, 16, 17), f32(2)));
    return cases;
  }
}
