package kiln.bindings;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AttentionKernelsTest {
  private final Arena arena = Arena.ofConfined();

  @AfterEach
  void close() {
    arena.close();
  }

  @Test
  void shouldScaleShiftMaskAndNormalise() {
    // Two heads, two queries, three keys: bias per key, mask per query.
    float[] s = {1, 2, 3, 0, 0, 0, -400, 0, 400, 5, 6, 7};
    MemorySegment scores = arena.allocateFrom(JAVA_FLOAT, s);
    MemorySegment bias = arena.allocateFrom(JAVA_FLOAT, 0, 0.5f, -1);
    MemorySegment mask = arena.allocateFrom(JAVA_INT, 1, 1, 0, 0, 0, 0);
    MemorySegment biasStrides = arena.allocateFrom(JAVA_LONG, 0, 0, 0, 1);
    MemorySegment maskStrides = arena.allocateFrom(JAVA_LONG, 0, 0, 3, 1);
    AttentionKernels.softmax(scores, 0, 1, 2, 2, 3, 0.5f, bias, biasStrides, mask, maskStrides);
    float p = (float) (1 / (1 + Math.exp(1)));
    float third = 1f / 3;
    float[] expected = {p, 1 - p, 0, third, third, third, 0, 1, 0, third, third, third};
    assertArrayEquals(expected, scores.toArray(JAVA_FLOAT), 1e-6f);
  }

  @Test
  void shouldMatchExponentialOverItsRange() {
    int n = 177;
    MemorySegment scores = arena.allocate(JAVA_FLOAT, n);
    double sum = 0;
    for (int i = 0; i < n; i++) {
      scores.setAtIndex(JAVA_FLOAT, i, -i / 2f);
      sum += Math.exp(-i / 2f);
    }
    MemorySegment none = arena.allocateFrom(JAVA_LONG, 0, 0, 0, 0);
    AttentionKernels.softmax(scores, 0, 1, 1, 1, n, 1, MemorySegment.NULL, none, MemorySegment.NULL, none);
    float[] expected = new float[n];
    for (int i = 0; i < n; i++) {
      expected[i] = 1;
      scores.setAtIndex(JAVA_FLOAT, i, (float) (scores.getAtIndex(JAVA_FLOAT, i) / (Math.exp(-i / 2f) / sum)));
    }
    expected[n - 2] = expected[n - 1] = 0;
    float[] actual = scores.toArray(JAVA_FLOAT);
    actual[n - 2] = actual[n - 1] = 0; // next to the smallest normal number, where it may become 0
    assertArrayEquals(expected, actual, 1e-6f);
  }

  @Test
  void shouldDifferentiate() {
    MemorySegment p = arena.allocateFrom(JAVA_FLOAT, 0.25f, 0.75f, 1, 0);
    MemorySegment d = arena.allocateFrom(JAVA_FLOAT, 4, 8, 3, 5);
    AttentionKernels.softmaxGrad(p, d, 0, 2, 2);
    assertArrayEquals(new float[] {-0.75f, 0.75f, 0, 0}, d.toArray(JAVA_FLOAT), 1e-6f);
  }
}
