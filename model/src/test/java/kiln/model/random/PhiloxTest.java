package kiln.model.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.stream.IntStream;
import kiln.bindings.RandomKernels;
import org.junit.jupiter.api.Test;

class PhiloxTest {
  private static final long SEED = 0x0123456789ABCDEFL;
  private static final long[] SAMPLES = {0, 17, (1L << 40) + 5};
  private static final int STEP = 900;
  private static final int PER_SAMPLE = 1001;

  /** The three lines {@code philox4x32 10} of tests/kat_vectors in the Random123 distribution: counter, key, result. */
  @Test
  void shouldGiveTheKnownAnswersOfRandom123() {
    assertBlock("6627e8d5 e169c58d bc57ac4c 9b00dbd8", 0, 0, 0, 0, 0, 0);
    assertBlock("408f276d 41c83b0e a20bc7c6 6d5451fd", -1, -1, -1, -1, -1, -1);
    assertBlock(
        "d16cfe09 94fdcceb 5001e420 24126ea1", 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0);
  }

  private static void assertBlock(String expected, int c0, int c1, int c2, int c3, int k0, int k1) {
    StringBuilder actual = new StringBuilder();
    for (int which = 0; which < 4; which++) {
      actual.append(which == 0 ? "" : " ").append(String.format("%08x", Philox.word(c0, c1, c2, c3, k0, k1, which)));
    }
    assertEquals(expected, actual.toString());
  }

  @Test
  void shouldGiveTheSameNumbersNatively() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment samples = arena.allocateFrom(ValueLayout.JAVA_LONG, SAMPLES);
      MemorySegment words = arena.allocate(4L * PER_SAMPLE * SAMPLES.length);
      MemorySegment uniform = arena.allocate(words.byteSize());
      MemorySegment normal = arena.allocate(words.byteSize());
      RandomKernels.words(words, samples, SEED, Stream.NOISE.ordinal(), STEP);
      RandomKernels.uniform(uniform, samples, SEED, Stream.NOISE.ordinal(), STEP);
      RandomKernels.normal(normal, samples, SEED, Stream.NOISE.ordinal(), STEP);
      for (int s = 0; s < SAMPLES.length; s++) {
        for (int i = 0; i < PER_SAMPLE; i++) {
          long at = (long) s * PER_SAMPLE + i;
          assertEquals(Philox.word(SEED, Stream.NOISE, STEP, SAMPLES[s], i), words.getAtIndex(ValueLayout.JAVA_INT, at));
          assertEquals(Philox.uniform(SEED, Stream.NOISE, STEP, SAMPLES[s], i), uniform.getAtIndex(ValueLayout.JAVA_FLOAT, at));
          float expected = Philox.normal(SEED, Stream.NOISE, STEP, SAMPLES[s], i);
          assertEquals(expected, normal.getAtIndex(ValueLayout.JAVA_FLOAT, at), Math.ulp(expected));
        }
      }
    }
  }

  @Test
  void shouldDependOnTheSampleAloneNotOnItsBatch() {
    float[] inBatch = normal(8192, 3, 9, 17, 250);
    float[] alone = normal(8192, 17);
    assertArrayEquals(alone, Arrays.copyOfRange(inBatch, 2 * 8192, 3 * 8192));
  }

  @Test
  void shouldBeStandardNormal() {
    float[] x = normal(1_000_000, 4);
    double mean = IntStream.range(0, x.length).mapToDouble(i -> x[i]).average().orElseThrow();
    double variance = IntStream.range(0, x.length).mapToDouble(i -> (x[i] - mean) * (x[i] - mean)).average().orElseThrow();
    double kurtosis = IntStream.range(0, x.length).mapToDouble(i -> Math.pow(x[i], 4)).average().orElseThrow();
    double neighbours = IntStream.range(1, x.length).mapToDouble(i -> x[i] * x[i - 1]).average().orElseThrow();
    assertEquals(0, mean, 0.005);
    assertEquals(1, variance, 0.007);
    assertEquals(3, kurtosis, 0.05);
    assertEquals(0, neighbours, 0.005);
  }

  @Test
  void shouldDifferBetweenStreamsStepsSamplesAndSeeds() {
    int reference = Philox.word(SEED, Stream.NOISE, 5, 6, 7);
    assertTrue(reference != Philox.word(SEED + 1, Stream.NOISE, 5, 6, 7));
    assertTrue(reference != Philox.word(SEED, Stream.POSTERIOR, 5, 6, 7));
    assertTrue(reference != Philox.word(SEED, Stream.NOISE, 6, 6, 7));
    assertTrue(reference != Philox.word(SEED, Stream.NOISE, 5, 7, 7));
    assertTrue(reference != Philox.word(SEED, Stream.NOISE, 5, 6, 8));
  }

  @Test
  void shouldCoverARangeOfIntegersEvenly() {
    int[] counts = new int[10];
    for (int sample = 0; sample < 10_000; sample++) {
      counts[Philox.uniformInt(10, SEED, Stream.TIMESTEP, 1, sample, 0)]++;
    }
    for (int count : counts) {
      assertEquals(1000, count, 120);
    }
  }

  @Test
  void shouldRefuseWhatTheCounterCannotHold() {
    assertThrows(IllegalArgumentException.class, () -> Philox.word(SEED, Stream.NOISE, 1L << 32, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> Philox.word(SEED, Stream.NOISE, 0, 1L << 56, 0));
    assertThrows(IllegalArgumentException.class, () -> Philox.word(SEED, Stream.NOISE, 0, -1, 0));
    assertThrows(IllegalArgumentException.class, () -> Philox.word(SEED, Stream.NOISE, 0, 0, 1L << 34));
  }

  /** FNV-1a of "foobar" is 85944171f73967e8 (Fowler, Noll, Vo: the published test vectors). */
  @Test
  void shouldNumberNamesByTheirHash() {
    assertEquals(0x944171f73967e8L, Philox.sampleOf("foobar"));
  }

  private static float[] normal(int perSample, long... samples) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(4L * perSample * samples.length);
      RandomKernels.normal(out, arena.allocateFrom(ValueLayout.JAVA_LONG, samples), SEED, Stream.NOISE.ordinal(), STEP);
      return out.toArray(ValueLayout.JAVA_FLOAT);
    }
  }
}
