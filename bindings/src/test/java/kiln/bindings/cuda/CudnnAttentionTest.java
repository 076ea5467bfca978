package kiln.bindings.cuda;

import static kiln.bindings.cuda.CudnnAttention.DBIAS;
import static kiln.bindings.cuda.CudnnAttention.DK;
import static kiln.bindings.cuda.CudnnAttention.DQ;
import static kiln.bindings.cuda.CudnnAttention.DQ_SUM;
import static kiln.bindings.cuda.CudnnAttention.DV;
import static kiln.bindings.cuda.CudnnAttention.DY;
import static kiln.bindings.cuda.CudnnAttention.K;
import static kiln.bindings.cuda.CudnnAttention.LOG_SUM;
import static kiln.bindings.cuda.CudnnAttention.Q;
import static kiln.bindings.cuda.CudnnAttention.V;
import static kiln.bindings.cuda.CudnnAttention.Y;
import static kiln.bindings.cuda.CudnnRun.numbers;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import kiln.bindings.cuda.CudnnAttention.Bias;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Graphs of attention, executed by cuDNN for tests (native/fake_cuda/cudnn), against loops. */
class CudnnAttentionTest {
  private static final int BATCH = 2;
  private static final int HEADS = 2;
  private static final int QUERIES = 3;
  private static final int KEYS = 5;
  private static final int WIDTH = 8;
  private static final int VALUE_WIDTH = 16;
  private static final float SCALE = 0.25f;
  private static final int SCORES = BATCH * HEADS * QUERIES * KEYS;

  private static final Bias ADDED = new Bias(1, HEADS, QUERIES, KEYS);
  private static final Bias MASK = new Bias(BATCH, 1, 1, KEYS);

  private final float[] q = numbers(BATCH * QUERIES * HEADS * WIDTH, 1);
  private final float[] k = numbers(BATCH * KEYS * HEADS * WIDTH, 2);
  private final float[] v = numbers(BATCH * KEYS * HEADS * VALUE_WIDTH, 3);
  private final float[] dy = numbers(BATCH * QUERIES * HEADS * VALUE_WIDTH, 4);
  private final float[] added = numbers(HEADS * QUERIES * KEYS, 5);
  private final float[] mask = new float[BATCH * KEYS];

  private CudnnRun run;

  @BeforeEach
  void open() {
    run = new CudnnRun();
    mask[2] = -Float.MAX_VALUE;
    mask[KEYS + 4] = -Float.MAX_VALUE;
  }

  @AfterEach
  void close() {
    if (run != null) {
      run.close();
    }
  }

  private static CudnnAttention attention(Bias... biases) {
    return new CudnnAttention(
        BATCH, HEADS, QUERIES, KEYS, WIDTH, VALUE_WIDTH, SCALE, List.of(biases), CudaType.BF16);
  }

  /** What attention and its gradient are, in double precision; tensors lie as those of {@link CudnnAttention}. */
  private final class Expected {
    final double[] y = new double[dy.length];
    final double[] logSum = new double[BATCH * HEADS * QUERIES];
    final double[] dq = new double[q.length];
    final double[] dk = new double[k.length];
    final double[] dv = new double[v.length];
    final double[] dScores = new double[SCORES];
    final double[] dAdded = new double[added.length];

    Expected(boolean biased) {
      for (int i = 0; i < BATCH * HEADS * QUERIES; i++) {
        row(i / HEADS / QUERIES, i / QUERIES % HEADS, i % QUERIES, biased);
      }
    }

    private void row(int batch, int head, int query, boolean biased) {
      double[] p = new double[KEYS];
      double sum = 0;
      for (int key = 0; key < KEYS; key++) {
        for (int d = 0; d < WIDTH; d++) {
          p[key] += q[at(batch, query, QUERIES, head, WIDTH) + d] * k[at(batch, key, KEYS, head, WIDTH) + d] * SCALE;
        }
        if (biased) {
          p[key] += added[(head * QUERIES + query) * KEYS + key] + (double) mask[batch * KEYS + key];
        }
        sum += Math.exp(p[key]);
      }
      logSum[(batch * HEADS + head) * QUERIES + query] = Math.log(sum);
      double weighted = 0;
      double[] dp = new double[KEYS];
      for (int key = 0; key < KEYS; key++) {
        p[key] = Math.exp(p[key]) / sum;
        for (int d = 0; d < VALUE_WIDTH; d++) {
          int atY = at(batch, query, QUERIES, head, VALUE_WIDTH) + d;
          int atV = at(batch, key, KEYS, head, VALUE_WIDTH) + d;
          y[atY] += p[key] * v[atV];
          dv[atV] += p[key] * dy[atY];
          dp[key] += (double) dy[atY] * v[atV];
        }
        weighted += p[key] * dp[key];
      }
      for (int key = 0; key < KEYS; key++) {
        double ds = p[key] * (dp[key] - weighted);
        dAdded[(head * QUERIES + query) * KEYS + key] += ds;
        for (int d = 0; d < WIDTH; d++) {
          int atQ = at(batch, query, QUERIES, head, WIDTH) + d;
          int atK = at(batch, key, KEYS, head, WIDTH) + d;
          dq[atQ] += ds * SCALE * k[atK];
          dk[atK] += ds * SCALE * q[atQ];
        }
      }
    }

    private int at(int batch, int position, int length, int head, int width) {
      return ((batch * length + position) * HEADS + head) * width;
    }
  }

  private static float[] floats(double[] numbers) {
    float[] result = new float[numbers.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = (float) numbers[i];
    }
    return result;
  }

  private static void assertNear(double[] expected, float[] found, String what) {
    assertEquals(expected.length, found.length, what);
    double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
    for (int i = 0; i < found.length; i++) {
      assertEquals(expected[i], found[i], 0.015 * largest, what + " " + i); // bfloat16 has eight bits
    }
  }

  private CudnnRun.Tensors tensors(CudnnGraph graph, boolean biased) {
    CudnnRun.Tensors tensors = run.new Tensors(graph, CudaType.BF16).put(Q, q).put(K, k).put(V, v);
    if (biased) {
      tensors.put(CudnnAttention.BIAS, added).put(CudnnAttention.BIAS + 1, mask);
    }
    return tensors;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldAttendAndGiveGradients(boolean biased) {
    CudnnAttention attention = biased ? attention(ADDED, MASK) : attention();
    Expected expected = new Expected(biased);
    try (CudnnGraph forward = attention.forward();
        CudnnGraph backward = attention.backward(true, biased)) {
      CudnnRun.Tensors result = tensors(forward, biased).run();
      assertNear(expected.y, result.get(Y), "y");
      assertNear(expected.logSum, result.get(LOG_SUM), "the logarithms of sums");
      CudnnRun.Tensors gradients =
          tensors(backward, biased).put(Y, result.get(Y)).put(LOG_SUM, result.get(LOG_SUM)).put(DY, dy).run();
      assertNear(expected.dq, gradients.get(DQ), "dq");
      assertNear(expected.dk, gradients.get(DK), "dk");
      assertNear(expected.dv, gradients.get(DV), "dv");
      if (biased) {
        assertNear(expected.dAdded, gradients.get(DBIAS), "the gradient of the bias");
      }
    }
  }

  @Test
  void shouldAddToTheSumOfTheQueriesGradientWhereSumsMayVary() {
    Expected expected = new Expected(false);
    try (CudnnGraph forward = attention().forward();
        CudnnGraph backward = attention().backward(false, false)) {
      CudnnRun.Tensors result = tensors(forward, false).run();
      CudnnRun.Tensors gradients =
          tensors(backward, false).put(Y, result.get(Y)).put(LOG_SUM, result.get(LOG_SUM)).put(DY, dy);
      CudnnNumerics varying = new CudnnNumerics(true, true);
      run.cuda.stream.fill(gradients.memory.get(DQ_SUM), (byte) 0);
      assertNear(expected.dq, gradients.run(varying).get(DQ), "dq");
      double[] twice = Arrays.stream(expected.dq).map(x -> 2 * x).toArray();
      assertNear(twice, gradients.run(varying).get(DQ), "dq without a sum that was set to zero");
    }
  }

  @Test
  void shouldAttendInFloats() {
    CudnnAttention attention =
        new CudnnAttention(BATCH, HEADS, QUERIES, KEYS, WIDTH, VALUE_WIDTH, SCALE, List.of(), CudaType.F32);
    Expected expected = new Expected(false);
    try (CudnnGraph forward = attention.forward()) {
      CudnnRun.Tensors result =
          run.new Tensors(forward, CudaType.F32).put(Q, q).put(K, k).put(V, v).run(CudnnNumerics.REPEATABLE);
      assertArrayEquals(floats(expected.y), result.get(Y), 2e-3f); // factors are rounded to TF32
      assertArrayEquals(floats(expected.logSum), result.get(LOG_SUM), 1e-5f);
    }
  }

  private static CudnnAttention wide(long width, CudaType type) {
    return new CudnnAttention(1, 1, 8, 8, width, width, 1, List.of(), type);
  }

  private boolean hasPlan(CudnnGraph graph) {
    try (graph) {
      return CudnnPlan.best(graph, run.target, new CudnnNumerics(true, true), 1 << 20).isPresent();
    }
  }

  @Test
  void shouldHaveTheLimitsOfCudnn() {
    assertTrue(hasPlan(wide(256, CudaType.BF16).backward(true, false)));
    assertFalse(hasPlan(wide(264, CudaType.BF16).backward(true, false)), "heads that are too wide");
    assertTrue(hasPlan(wide(264, CudaType.BF16).forward()));
    assertFalse(hasPlan(wide(64, CudaType.F32).backward(true, false)), "float32");
  }
}
