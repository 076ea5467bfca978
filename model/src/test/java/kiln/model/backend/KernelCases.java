package kiln.model.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import kiln.model.Evaluation;
import kiln.model.Tolerances;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.op.Affine;
import kiln.model.op.AvgPool2d;
import kiln.model.op.AvgPool2dGrad;
import kiln.model.op.Binary;
import kiln.model.op.Broadcast;
import kiln.model.op.Clamp;
import kiln.model.op.ClampGrad;
import kiln.model.op.Concat;
import kiln.model.op.CrossEntropy;
import kiln.model.op.CrossEntropyGrad;
import kiln.model.op.Embedding;
import kiln.model.op.EmbeddingGrad;
import kiln.model.op.Fill;
import kiln.model.op.Geglu;
import kiln.model.op.GegluGrad;
import kiln.model.op.GroupNorm;
import kiln.model.op.GroupNormGrad;
import kiln.model.op.LayerNorm;
import kiln.model.op.LayerNormGrad;
import kiln.model.op.Op;
import kiln.model.op.Pad;
import kiln.model.op.Permute;
import kiln.model.op.RelativePositionBias;
import kiln.model.op.RelativePositionBiasGrad;
import kiln.model.op.RmsNorm;
import kiln.model.op.RmsNormGrad;
import kiln.model.op.Roll;
import kiln.model.op.SelectRows;
import kiln.model.op.Slice;
import kiln.model.op.Softmax;
import kiln.model.op.SoftmaxGrad;
import kiln.model.op.Sum;
import kiln.model.op.TimestepEmbedding;
import kiln.model.op.Unary;
import kiln.model.op.UnaryGrad;
import kiln.model.op.UpsampleNearest;
import kiln.model.op.UpsampleNearestGrad;
import kiln.model.op.WeightedMse;
import kiln.model.op.WeightedMseGrad;
import kiln.model.plan.Backend;

/**
 * Operations on extents around what the kernels of {@code native} are cut by: tiles of 64 channels, runs of 64 rows, vectors of 16,
 * and sizes on both sides of where threads begin; with how to run one.
 */
public final class KernelCases {
  private KernelCases() {}

  /**
   * One operation on random inputs.
   *
   * @param limit integers are drawn from [0, limit)
   */
  public record Case(Op op, int limit, List<TensorType> inputs) {
    @Override
    public String toString() {
      return op + " " + inputs;
    }
  }

  public static Case of(Op op, TensorType... inputs) {
    return new Case(op, 2, List.of(inputs));
  }

  public static TensorType f32(int... dims) {
    return TensorType.f32(dims);
  }

  public static TensorType i32(int... dims) {
    return TensorType.i32(dims);
  }

  /** All of them. */
  public static Stream<Case> all() {
    return Stream.of(elementwise(), norms(), reductions(), moves(), maps()).flatMap(cases -> cases);
  }

  public static Stream<Case> elementwise() {
    List<Case> cases = new ArrayList<>();
    for (int n : new int[] {1, 15, 16, 17, 1000, 40_001}) {
      cases.add(of(new Affine(2.5f, -1), f32(n)));
      cases.add(new Case(new Affine(2 / 255f, -1), 256, List.of(new TensorType(DType.U8, Shape.of(n)))));
      cases.add(new Case(new Affine(0.5f, 3), 1000, List.of(i32(n))));
      cases.add(of(new Clamp(-0.5f, 0.25f), f32(n)));
      cases.add(of(new ClampGrad(-0.5f, 0.25f), f32(n), f32(n)));
      cases.add(of(new Fill(Shape.of(n), 3.5f)));
      cases.add(of(new Geglu(), f32(3, 2 * n)));
      cases.add(of(new GegluGrad(), f32(3, 2 * n), f32(3, n)));
      for (Unary.Function function : Unary.Function.values()) {
        cases.add(of(new Unary(function), f32(n)));
        cases.add(of(new UnaryGrad(function), f32(n), f32(n)));
      }
    }
    for (Binary.Kind kind : Binary.Kind.values()) {
      Binary op = new Binary(kind);
      cases.add(of(op, f32(), f32()));
      cases.add(of(op, f32(33, 1000), f32(33, 1000)));
      cases.add(of(op, f32(33, 1000), f32(1000)));
      cases.add(of(op, f32(33, 1000), f32(33, 1)));
      cases.add(of(op, f32(5, 7, 3), f32(5, 1, 3)));
      cases.add(of(op, f32(5, 7, 3), f32()));
      cases.add(of(op, f32(2, 3, 4, 5), f32(3, 4, 5)));
      cases.add(of(op, f32(2, 3, 4, 5), f32(2, 1, 1, 5)));
    }
    cases.add(of(new Broadcast(Shape.of(3, 70, 400)), f32(3, 1, 400)));
    cases.add(of(new Broadcast(Shape.of(3, 70, 400)), f32(400)));
    cases.add(of(new Broadcast(Shape.of(3, 70, 400)), f32(3, 70, 1)));
    cases.add(of(new Broadcast(Shape.of(2, 3)), f32()));
    return cases.stream();
  }

  public static Stream<Case> norms() {
    List<Case> cases = new ArrayList<>();
    int[][] groupShapes = {{2, 3, 4, 1}, {1, 7, 12, 3}, {3, 17, 32, 8}, {2, 65, 64, 32}, {2, 130, 96, 32}, {5, 64, 130, 5},
      {2, 100, 320, 32}, {3, 63, 256, 2}, {1, 300, 200, 1}, {2, 1, 66, 33}};
    for (int[] s : groupShapes) {
      TensorType x = f32(s[0], s[1], s[2]);
      for (boolean silu : new boolean[] {false, true}) {
        cases.add(of(new GroupNorm(s[3], 1e-5f, silu), x, f32(s[2]), f32(s[2])));
        TensorType statistics = f32(s[0], s[3]);
        cases.add(of(new GroupNormGrad(s[3], silu), x, f32(s[2]), f32(s[2]), statistics, statistics, x));
      }
    }
    for (int rows : new int[] {1, 63, 130}) {
      for (int c : new int[] {1, 15, 64, 1100}) {
        TensorType x = f32(rows, c);
        TensorType statistics = f32(rows, 1);
        cases.add(of(new LayerNorm(1e-5f), x, f32(c), f32(c)));
        cases.add(of(new LayerNormGrad(), x, f32(c), f32(c), statistics, statistics, x));
        cases.add(of(new RmsNorm(1e-6f), x, f32(c)));
        cases.add(of(new RmsNormGrad(), x, f32(c), statistics, x));
      }
    }
    return cases.stream();
  }

  public static Stream<Case> reductions() {
    List<Case> cases = new ArrayList<>();
    int[][] sums = {{1, 1, 1}, {1, 5, 3}, {2, 1000, 1}, {1, 100_000, 1}, {3, 70, 4}, {1, 9000, 3}, {1, 1300, 64}, {2, 600, 65},
      {1, 129, 320}, {1, 3, 5000}, {40, 30, 20}, {2, 2000, 33}, {1, 4000, 32}};
    for (int[] s : sums) {
      cases.add(of(new Sum(1, 2), f32(s)));
    }
    cases.add(of(new Sum(0, 3), f32(3, 50, 60)));
    cases.add(of(new Sum(1, 1), f32(3, 5)));
    for (int c : new int[] {1, 17, 384, 3000}) {
      for (int rows : new int[] {1, 50}) {
        for (boolean log : new boolean[] {false, true}) {
          cases.add(of(new Softmax(log), f32(rows, c)));
          cases.add(of(new SoftmaxGrad(log), f32(rows, c), f32(rows, c)));
        }
        for (CrossEntropy.Reduction reduction : CrossEntropy.Reduction.values()) {
          for (float smoothing : new float[] {0, 0.1f}) {
            int ignore = c == 17 ? 3 : -100;
            TensorType dy = reduction == CrossEntropy.Reduction.NONE ? f32(rows) : f32();
            cases.add(new Case(new CrossEntropy(ignore, smoothing, reduction), c, List.of(f32(rows, c), i32(rows))));
            CrossEntropyGrad grad = new CrossEntropyGrad(ignore, smoothing, reduction);
            cases.add(new Case(grad, c, List.of(f32(rows, c), i32(rows), dy)));
          }
        }
      }
    }
    for (int size : new int[] {1, 100, 5000}) {
      TensorType x = f32(6, size);
      cases.add(of(new WeightedMse(), x, x, f32(6)));
      cases.add(of(new WeightedMseGrad(), x, x, f32(6), f32()));
    }
    return cases.stream();
  }

  public static Stream<Case> moves() {
    return Stream.of(
        of(new Concat(0), f32(2, 3), f32(4, 3)),
        of(new Concat(1), f32(2, 3, 5), f32(2, 1, 5), f32(2, 7, 5)),
        of(new Concat(3), f32(8, 16, 16, 64), f32(8, 16, 16, 3)),
        of(new Concat(1), i32(3, 2), i32(3, 5)),
        of(new Slice(1, 2, 3), f32(4, 7, 5)),
        of(new Slice(3, 64, 100), f32(2, 16, 16, 192)),
        of(new Pad(1, 0, 1), f32(3, 5, 7)),
        of(new Pad(2, 3, 2), f32(5, 40, 60, 4)),
        of(new Permute(List.of(0, 2, 3, 1)), f32(3, 5, 17, 19)),
        of(new Permute(List.of(0, 3, 1, 2)), f32(2, 33, 34, 65)),
        of(new Permute(List.of(0, 2, 1, 3)), f32(2, 40, 4, 16)),
        of(new Permute(List.of(1, 0)), f32(300, 170)),
        of(new Permute(List.of(2, 1, 0)), f32(3, 4, 5)),
        of(new Permute(List.of(0, 1)), f32(6, 7)),
        of(new Permute(List.of(1, 0, 2)), f32(1, 6, 1)),
        of(new Permute(List.of(5, 3, 1, 4, 2, 0)), f32(2, 3, 4, 5, 6, 7)),
        of(new Permute(List.of(0, 1, 3, 5, 2, 4)), f32(2, 3, 4, 4, 5, 5)),
        of(new Roll(List.of(-2, 3), List.of(1, 2)), f32(2, 7, 5, 3)),
        of(new Roll(List.of(4), List.of(1)), f32(50, 600)),
        of(new Roll(List.of(9, -1, 1), List.of(0, 2, 0)), f32(4, 3, 5)),
        of(new Roll(List.of(0), List.of(0)), f32(4, 3)),
        of(new Roll(List.of(1), List.of(0)), f32(4, 3, 2)),
        of(new SelectRows(), i32(5, 7), i32(7), i32(5)),
        new Case(new Embedding(-1), 31, List.of(f32(31, 9), i32(4, 6))),
        new Case(new Embedding(5), 384, List.of(f32(384, 100), i32(4, 96))),
        new Case(new EmbeddingGrad(31, -1), 31, List.of(i32(4, 6), f32(4, 6, 9))),
        new Case(new EmbeddingGrad(384, 5), 384, List.of(i32(4, 96), f32(4, 96, 100))),
        of(new RelativePositionBias(7, 9, 128, true), f32(32, 4)),
        of(new RelativePositionBias(70, 70, 20, false), f32(32, 6)),
        of(new RelativePositionBiasGrad(32, 128, true), f32(1, 4, 7, 9)),
        of(new RelativePositionBiasGrad(32, 20, false), f32(1, 6, 70, 70)));
  }

  public static Stream<Case> maps() {
    return Stream.of(
        of(new UpsampleNearest(10, 14), f32(2, 5, 7, 3)),
        of(new UpsampleNearest(9, 15), f32(2, 5, 7, 3)),
        of(new UpsampleNearest(3, 4), f32(2, 5, 7, 3)),
        of(new UpsampleNearest(32, 32), f32(2, 16, 16, 64)),
        of(new UpsampleNearestGrad(5, 7), f32(2, 10, 14, 3)),
        of(new UpsampleNearestGrad(5, 7), f32(2, 9, 15, 3)),
        of(new UpsampleNearestGrad(5, 7), f32(2, 3, 4, 3)),
        of(new UpsampleNearestGrad(16, 16), f32(2, 32, 32, 64)),
        of(new AvgPool2d(2, 2), f32(2, 7, 9, 3)),
        of(new AvgPool2d(3, 1), f32(2, 20, 30, 40)),
        of(new AvgPool2d(2, 3), f32(2, 8, 9, 3)),
        of(new AvgPool2dGrad(2, 2, 7, 9), f32(2, 3, 4, 3)),
        of(new AvgPool2dGrad(3, 1, 20, 30), f32(2, 18, 28, 40)),
        of(new AvgPool2dGrad(2, 3, 8, 9), f32(2, 3, 3, 3)),
        new Case(new TimestepEmbedding(10, true, 0, 10_000), 1000, List.of(i32(5))),
        new Case(new TimestepEmbedding(11, false, 1, 10_000), 1000, List.of(i32(5))),
        of(new TimestepEmbedding(32, true, 0, 10_000), f32(5)));
  }

  /** As {@link #outputs}; closes the backend. */
  public static List<float[]> run(Case c, Backend backend) {
    try (backend) {
      return outputs(c, backend);
    }
  }

  /** The outputs of the operation, on inputs that depend on its extents only. */
  public static List<float[]> outputs(Case c, Backend backend) {
    Graph graph = new Graph();
    List<Value> inputs = new ArrayList<>();
    for (TensorType type : c.inputs()) {
      inputs.add(graph.input("x" + inputs.size(), type));
    }
    List<Value> outputs = graph.apply(c.op(), inputs);
    SplittableRandom random = new SplittableRandom(7);
    try (Evaluation evaluation = new Evaluation(graph, backend, outputs)) {
      for (Value input : inputs) {
        int n = Math.toIntExact(input.shape().elements());
        switch (input.type().dtype()) {
          case F32 -> {
            float[] values = new float[n];
            for (int i = 0; i < n; i++) {
              values[i] = (float) random.nextGaussian(0.3, 2);
            }
            evaluation.set(input, values);
          }
          case I32 -> evaluation.set(input, random.ints(n, 0, c.limit()).toArray());
          case U8 -> {
            byte[] values = new byte[n];
            random.nextBytes(values);
            evaluation.set(input, values);
          }
          case BF16 -> throw new IllegalArgumentException(c.toString());
        }
      }
      evaluation.run();
      return outputs.stream().map(evaluation::get).toList();
    }
  }

  /** Differences up to 5·10⁻⁶ of the largest number. */
  public static void assertClose(float[] expected, float[] actual, String what) {
    double largest = 0;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    Tolerances.checkAbsolute(what, 5e-6 * largest + 1e-6, actual, expected);
  }
}
