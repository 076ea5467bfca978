package kiln.bindings;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Every bit pattern of the narrow types, their midpoints and neighbours, against the JDK or against a search. */
class CastKernelsTest {
  private static final int ALL = 1 << 16;

  private final Arena arena = Arena.ofConfined();

  @AfterEach
  void close() {
    arena.close();
  }

  private MemorySegment allShorts() {
    MemorySegment all = arena.allocate(JAVA_SHORT, ALL);
    for (int i = 0; i < ALL; i++) {
      all.setAtIndex(JAVA_SHORT, i, (short) i);
    }
    return all;
  }

  private static void assertSame(float expected, float actual, String what) {
    boolean bothNan = Float.isNaN(expected) && Float.isNaN(actual);
    assertTrue(bothNan || Float.floatToRawIntBits(expected) == Float.floatToRawIntBits(actual), () -> what + " " + actual);
  }

  @Test
  void shouldWidenEveryFloat16AsTheJdk() {
    MemorySegment y = arena.allocate(JAVA_FLOAT, ALL);
    CastKernels.f16ToF32(allShorts(), y, ALL);
    for (int i = 0; i < ALL; i++) {
      assertSame(Float.float16ToFloat((short) i), y.getAtIndex(JAVA_FLOAT, i), "float16 bits " + i);
    }
  }

  @Test
  void shouldWidenEveryBfloat16() {
    MemorySegment y = arena.allocate(JAVA_FLOAT, ALL);
    CastKernels.bf16ToF32(allShorts(), y, ALL);
    for (int i = 0; i < ALL; i++) {
      assertSame(Float.intBitsToFloat(i << 16), y.getAtIndex(JAVA_FLOAT, i), "bfloat16 bits " + i);
    }
  }

  /** The values of all narrow numbers and midpoints of neighbours, and the float32 beside each; more at random. */
  private MemorySegment hardFloats(boolean bfloat16) {
    int n = 6 * ALL + 100_000;
    int half = bfloat16 ? 1 << 15 : 1 << 12;
    MemorySegment x = arena.allocate(JAVA_FLOAT, n);
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < n; i++) {
      int narrow = bfloat16 ? i << 16 : Float.floatToRawIntBits(Float.float16ToFloat((short) i));
      int bits =
          switch (i / ALL) {
            case 0, 1, 2 -> narrow + i / ALL - 1;
            case 3, 4, 5 -> narrow + half + i / ALL - 4;
            default -> random.nextInt();
          };
      x.setAtIndex(JAVA_FLOAT, i, Float.intBitsToFloat(bits));
    }
    return x;
  }

  @Test
  void shouldNarrowToFloat16AsTheJdk() {
    MemorySegment x = hardFloats(false);
    long n = x.byteSize() / Float.BYTES;
    MemorySegment y = arena.allocate(JAVA_SHORT, n);
    long bad = CastKernels.f32ToF16(x, y, n);
    long firstBad = -1;
    for (long i = 0; i < n; i++) {
      float value = x.getAtIndex(JAVA_FLOAT, i);
      float expected = Float.float16ToFloat(Float.floatToFloat16(value));
      assertSame(expected, Float.float16ToFloat(y.getAtIndex(JAVA_SHORT, i)), "float16 of " + value);
      if (firstBad < 0 && Float.isInfinite(expected) && Float.isFinite(value)) {
        firstBad = i;
      }
    }
    assertTrue(firstBad >= 0);
    assertEquals(firstBad, bad);
  }

  @Test
  void shouldNarrowToNearestBfloat16() {
    MemorySegment x = hardFloats(true);
    long n = x.byteSize() / Float.BYTES;
    MemorySegment y = arena.allocate(JAVA_SHORT, n);
    long bad = CastKernels.f32ToBf16(x, y, n);
    long firstBad = -1;
    for (long i = 0; i < n; i++) {
      float value = x.getAtIndex(JAVA_FLOAT, i);
      float expected = nearestBfloat16(value);
      assertSame(expected, Float.intBitsToFloat(y.getAtIndex(JAVA_SHORT, i) << 16), "bfloat16 of " + value);
      if (firstBad < 0 && Float.isInfinite(expected) && Float.isFinite(value)) {
        firstBad = i;
      }
    }
    assertTrue(firstBad >= 0);
    assertEquals(firstBad, bad);
  }

  /** By distance, in float64, where infinity stands for the number after the largest. */
  private static float nearestBfloat16(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return (float) value;
    }
    float truncated = Float.intBitsToFloat(Float.floatToRawIntBits(towardsZero(value)) & 0xffff0000);
    float away = Float.intBitsToFloat(Float.floatToRawIntBits(truncated) + 0x10000);
    double beyond = Float.isInfinite(away) ? Math.copySign(0x1p128, value) : away;
    double toTruncated = Math.abs(value - truncated);
    double toAway = Math.abs(beyond - value);
    boolean even = (Float.floatToRawIntBits(truncated) >> 16 & 1) == 0;
    return toTruncated < toAway || (toTruncated == toAway && even) ? truncated : away;
  }

  private static float towardsZero(double value) {
    float nearest = (float) value;
    boolean farther = Math.abs((double) nearest) > Math.abs(value);
    return farther ? Float.intBitsToFloat(Float.floatToRawIntBits(nearest) - 1) : nearest;
  }

  @Test
  void shouldRoundFloat64OnceOnTheWayToNarrowTypes() {
    int n = 200_000;
    MemorySegment x = arena.allocate(JAVA_DOUBLE, n);
    SplittableRandom random = new SplittableRandom(11);
    for (int i = 0; i < n; i++) {
      float narrow = Float.intBitsToFloat((random.nextInt() & 0x3fff0000) | 0x8000 | (i % 2) << 31); // midway of bfloat16
      double beside = i % 3 == 0 ? narrow : narrow * (1 + (i % 3 == 1 ? 1 : -1) * 0x1p-40); // lost in float32
      x.setAtIndex(JAVA_DOUBLE, i, i % 7 == 0 ? random.nextDouble(-1e-42, 1e-42) : beside);
    }
    MemorySegment y = arena.allocate(JAVA_FLOAT, n);
    MemorySegment narrow = arena.allocate(JAVA_SHORT, n);
    assertEquals(-1, CastKernels.f64ToF32(x, y, n, 1));
    assertEquals(-1, CastKernels.f32ToBf16(y, narrow, n));
    for (int i = 0; i < n; i++) {
      double value = x.getAtIndex(JAVA_DOUBLE, i);
      assertSame(nearestBfloat16(value), Float.intBitsToFloat(narrow.getAtIndex(JAVA_SHORT, i) << 16), "of " + value);
    }
    assertEquals(-1, CastKernels.f64ToF32(x, y, n, 0));
    for (int i = 0; i < n; i++) {
      assertSame((float) x.getAtIndex(JAVA_DOUBLE, i), y.getAtIndex(JAVA_FLOAT, i), "float32 of " + i);
    }
  }

  @Test
  void shouldFindTheFloat64ThatFloat32CannotHold() {
    MemorySegment x = arena.allocateFrom(JAVA_DOUBLE, 1, Double.NaN, Double.NEGATIVE_INFINITY, -1e39, 1e300);
    MemorySegment y = arena.allocate(JAVA_FLOAT, 5);
    assertEquals(3, CastKernels.f64ToF32(x, y, 5, 0));
    assertEquals(3, CastKernels.f64ToF32(x, y, 5, 1));
    assertEquals(-1, CastKernels.f64ToF32(x, y, 3, 0));
    assertTrue(Float.isNaN(y.getAtIndex(JAVA_FLOAT, 1)));
  }
}
