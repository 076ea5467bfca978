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

  private MemorySegment floats(float... values) {
    return arena.allocateFrom(JAVA_FLOAT, values);
  }

  private MemorySegment zeros(int count) {
    return arena.allocate(JAVA_FLOAT, count);
  }

  @Test
  void shouldWeighValuesByScores() {
    // Two heads of width 1, two queries, three keys; a bias per key, a mask per query that drops all keys for the second.
    MemorySegment shape = arena.allocateFrom(JAVA_LONG, 1, 2, 2, 3, 1, 1, 0, 0, 0, 1, 0, 0, 3, 1, 1, 0, 2);
    MemorySegment q = floats(2, -2, 0, 5); // [2, heads]
    MemorySegment k = floats(1, 3, 2, 2, 9, 9);
    MemorySegment v = floats(1, 10, 2, 20, 6, 60);
    MemorySegment bias = floats(0, -0.5f, 4);
    MemorySegment mask = arena.allocateFrom(JAVA_INT, 1, 1, 0, 0, 0, 0);
    MemorySegment y = zeros(4);
    MemorySegment logSums = zeros(4);
    MemorySegment scratch = arena.allocate(AttentionKernels.attentionScratch(shape), 64);
    AttentionKernels.attention(q, k, v, bias, mask, y, logSums, scratch, shape, 0.5f);
    // Head 0: scores 1 and 2 - 0.5; head 1: -3 and -2 - 0.5.
    float p = (float) (1 / (1 + Math.exp(0.5)));
    assertArrayEquals(new float[] {2 - p, 20 - 10 * p, 3, 30}, y.toArray(JAVA_FLOAT), 1e-5f);
    float sum = (float) Math.log(1 + Math.exp(0.5));
    float none = -Float.MAX_VALUE;
    assertArrayEquals(new float[] {1 + sum, none, -3 + sum, none}, logSums.toArray(JAVA_FLOAT), 1e-5f);
  }

  @Test
  void shouldKeepToTheRangeOfTheExponential() {
    // Scores so far apart that only the largest counts, as large as float32 keeps apart, and a key after another block of keys.
    int keys = 70;
    MemorySegment shape = arena.allocateFrom(JAVA_LONG, 1, 1, 1, keys, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
    MemorySegment k = zeros(keys);
    MemorySegment v = zeros(keys);
    for (int i = 0; i < keys; i++) {
      k.setAtIndex(JAVA_FLOAT, i, i == 67 ? 1e4f : -1e4f * i);
      v.setAtIndex(JAVA_FLOAT, i, i);
    }
    MemorySegment y = zeros(1);
    MemorySegment logSums = zeros(1);
    MemorySegment scratch = arena.allocate(AttentionKernels.attentionScratch(shape), 64);
    MemorySegment none = MemorySegment.NULL;
    AttentionKernels.attention(floats(100), k, v, none, none, y, logSums, scratch, shape, 1);
    assertArrayEquals(new float[] {67}, y.toArray(JAVA_FLOAT));
    assertArrayEquals(new float[] {1e6f}, logSums.toArray(JAVA_FLOAT), 1f);
  }

  @Test
  void shouldDifferentiate() {
    // One query, two keys, weights 1/4 and 3/4: the gradient of the weights is dy·v = 4 and 8, its mean 7.
    MemorySegment shape = arena.allocateFrom(JAVA_LONG, 1, 1, 1, 2, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 1);
    MemorySegment bias = floats((float) Math.log(0.25), (float) Math.log(0.75));
    MemorySegment q = zeros(1);
    MemorySegment k = floats(2, 3);
    MemorySegment v = floats(2, 4);
    MemorySegment y = floats(3.5f);
    MemorySegment dq = zeros(1);
    MemorySegment dk = zeros(2);
    MemorySegment dv = zeros(2);
    MemorySegment dbias = zeros(2);
    MemorySegment scratch = arena.allocate(AttentionKernels.attentionGradScratch(shape), 64);
    MemorySegment mask = MemorySegment.NULL;
    AttentionKernels.attentionGrad(
        q, k, v, bias, mask, y, zeros(1), floats(2), dq, dk, dv, dbias, scratch, shape, 10);
    assertArrayEquals(new float[] {-0.75f, 0.75f}, dbias.toArray(JAVA_FLOAT), 1e-6f);
    assertArrayEquals(new float[] {7.5f}, dq.toArray(JAVA_FLOAT), 1e-5f); // 10 · (-0.75 · 2 + 0.75 · 3)
    assertArrayEquals(new float[] {0, 0}, dk.toArray(JAVA_FLOAT));
    assertArrayEquals(new float[] {0.5f, 1.5f}, dv.toArray(JAVA_FLOAT), 1e-6f);
  }
}
