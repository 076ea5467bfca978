package kiln.bindings.cuda;

import static kiln.bindings.cuda.CudnnConvolution.BIAS;
import static kiln.bindings.cuda.CudnnConvolution.W;
import static kiln.bindings.cuda.CudnnConvolution.X;
import static kiln.bindings.cuda.CudnnConvolution.Y;
import static kiln.bindings.cuda.CudnnRun.numbers;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import kiln.bindings.cuda.CudnnConvolution.Size;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Graphs of convolutions, executed by cuDNN for tests (native/fake_cuda/cudnn), against loops. */
class CudnnConvolutionTest {
  private CudnnRun run;

  @BeforeEach
  void open() {
    run = new CudnnRun();
  }

  @AfterEach
  void close() {
    if (run != null) {
      run.close();
    }
  }

  private enum Case {
    PLAIN(2, 3, 4, 1, new Size(3, 3), Size.ONE, Size.ONE, Size.ONE, Size.ONE),
    STRIDED(1, 4, 6, 2, new Size(2, 3), new Size(2, 1), Size.ONE, new Size(0, 2), Size.ONE),
    DILATED(2, 2, 2, 2, new Size(3, 2), Size.ONE, new Size(1, 2), new Size(2, 0), Size.ZERO),
    POINTWISE(1, 5, 3, 1, Size.ONE, Size.ONE, Size.ONE, Size.ZERO, Size.ZERO);

    final CudnnConvolution f32;
    final CudnnConvolution bf16;

    Case(long n, long in, long out, long groups, Size kernel, Size stride, Size dilation, Size before, Size after) {
      Size size = new Size(5, 4);
      f32 = new CudnnConvolution(n, in, size, out, kernel, stride, dilation, before, after, groups, CudaType.F32);
      bf16 = new CudnnConvolution(n, in, size, out, kernel, stride, dilation, before, after, groups, CudaType.BF16);
    }
  }

  /** Visits every product of the sum that makes y, by the positions of its numbers. */
  private interface Products {
    void accept(int x, int w, int y);
  }

  private static void forEach(CudnnConvolution c, Products products) {
    Size in = c.in();
    Size out = c.out();
    int perGroup = (int) (c.channels() / c.groups());
    for (int y = 0; y < c.n() * out.height() * out.width() * c.outChannels(); y++) {
      int k = (int) (y % c.outChannels());
      int column = (int) (y / c.outChannels() % out.width());
      int row = (int) (y / c.outChannels() / out.width() % out.height());
      int batch = (int) (y / c.outChannels() / out.width() / out.height());
      for (int w = 0; w < c.kernel().height() * c.kernel().width() * perGroup; w++) {
        int channel = w % perGroup;
        int h = (int) (row * c.stride().height() - c.padBefore().height()
            + w / perGroup / c.kernel().width() * c.dilation().height());
        int v = (int) (column * c.stride().width() - c.padBefore().width()
            + w / perGroup % c.kernel().width() * c.dilation().width());
        if (h >= 0 && h < in.height() && v >= 0 && v < in.width()) {
          int group = (int) (k / (c.outChannels() / c.groups()));
          int x = (int) (((batch * in.height() + h) * in.width() + v) * c.channels() + group * perGroup + channel);
          products.accept(x, (int) (k * c.kernel().height() * c.kernel().width() * perGroup + w), y);
        }
      }
    }
  }

  private static float[] rounded(CudaType type, float... numbers) {
    float[] result = new float[numbers.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = CudnnRun.round(type, numbers[i]);
    }
    return result;
  }

  private void check(CudnnConvolution c) {
    try (CudnnGraph forward = c.forward();
        CudnnGraph biased = c.forwardWithBias();
        CudnnGraph data = c.backwardData();
        CudnnGraph weights = c.backwardWeights()) {
      float[] x = numbers(forward.bytes(X) / c.type().bytes(), 1);
      float[] w = numbers(forward.bytes(W) / c.type().bytes(), 2);
      float[] dy = numbers(forward.bytes(Y) / c.type().bytes(), 3);
      float[] bias = numbers(c.outChannels(), 4);
      float[] y = new float[dy.length];
      float[] withBias = new float[dy.length];
      float[] dx = new float[x.length];
      float[] dw = new float[w.length];
      for (int i = 0; i < y.length; i++) {
        withBias[i] = bias[(int) (i % c.outChannels())];
      }
      forEach(
          c,
          (atX, atW, atY) -> {
            y[atY] += x[atX] * w[atW];
            withBias[atY] += x[atX] * w[atW];
            dx[atX] += dy[atY] * w[atW];
            dw[atW] += dy[atY] * x[atX];
          });
      CudaType type = c.type();
      assertArrayEquals(rounded(type, y), run.new Tensors(forward, type).put(X, x).put(W, w).run().get(Y), "y");
      assertArrayEquals(
          rounded(type, withBias),
          run.new Tensors(biased, type).put(X, x).put(W, w).put(BIAS, bias).run().get(Y),
          "y with bias");
      assertArrayEquals(rounded(type, dx), run.new Tensors(data, type).put(Y, dy).put(W, w).run().get(X), "dx");
      assertArrayEquals(rounded(type, dw), run.new Tensors(weights, type).put(Y, dy).put(X, x).run().get(W), "dw");
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldConvolveFloats(Case shape) {
    check(shape.f32);
  }

  @ParameterizedTest
  @EnumSource
  void shouldConvolveBfloats(Case shape) {
    check(shape.bf16);
  }

  @Test
  void shouldRoundFactorsWhereTensorCoresMultiplyFloats() {
    try (CudnnGraph graph = Case.POINTWISE.f32.forward()) {
      float fine = 1 + 0x1p-12f; // TF32 has ten bits after the point
      float[] x = numbers(graph.bytes(X) / Float.BYTES, 1);
      float[] w = new float[15];
      Arrays.fill(w, 1);
      x[0] = fine;
      x[1] = x[2] = x[3] = x[4] = 0;
      var tensors = run.new Tensors(graph, CudaType.F32).put(X, x).put(W, w);
      assertEquals(fine, tensors.run(CudnnNumerics.EXACT_FLOAT32).get(Y)[0]);
      assertEquals(1, tensors.run(CudnnNumerics.REPEATABLE).get(Y)[0]);
    }
  }

  @Test
  void shouldChooseByScratchAndRepeatability() {
    try (CudnnGraph graph = Case.PLAIN.bf16.backwardWeights()) {
      List<CudnnPlan> all = CudnnPlan.list(graph, run.target, new CudnnNumerics(true, true), 1 << 20, 9);
      List<CudnnPlan> repeatable = CudnnPlan.list(graph, run.target, CudnnNumerics.REPEATABLE, 1 << 20, 9);
      List<CudnnPlan> frugal = CudnnPlan.list(graph, run.target, CudnnNumerics.REPEATABLE, 0, 9);
      assertEquals(4, all.size());
      assertEquals(3, repeatable.size());
      assertEquals(2, frugal.size());
      assertTrue(repeatable.getFirst().workspaceBytes() > 0);
      assertTrue(frugal.getFirst().toString().contains("with tensor cores"), frugal.toString());
      assertFalse(frugal.getLast().toString().contains("with tensor cores"), frugal.toString());
      assertTrue(CudnnPlan.list(graph, run.target, CudnnNumerics.REPEATABLE, -1, 9).isEmpty());
    }
  }
}
