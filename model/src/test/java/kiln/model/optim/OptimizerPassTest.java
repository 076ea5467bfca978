package kiln.model.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import kiln.bindings.CastKernels;
import org.junit.jupiter.api.Test;

/** Clip, AdamW, moving average and narrow copy in one pass, against a pass for each. */
class OptimizerPassTest {
  private static final int SIZE = 5003;
  private static final AdamW ADAMW = new AdamW(0.9, 0.95, 1e-8, 0.1);
  private static final Ema EMA = Ema.growing(0.999);

  private static final class State {
    final MemorySegment weights;
    final MemorySegment first;
    final MemorySegment second;
    final MemorySegment average;
    final MemorySegment narrow;

    State(Arena arena) {
      weights = normal(arena, 1);
      first = arena.allocate(weights.byteSize(), 64);
      second = arena.allocate(weights.byteSize(), 64);
      average = arena.allocate(weights.byteSize(), 64).copyFrom(weights);
      narrow = arena.allocate(weights.byteSize() / 2, 64);
    }

    byte[] bits(MemorySegment region) {
      return region.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  @Test
  void shouldGiveTheBitsOfSeparatePasses() {
    for (boolean averages : new boolean[] {false, true}) {
      for (boolean narrows : new boolean[] {false, true}) {
        compare(averages, narrows);
      }
    }
  }

  private static void compare(boolean averages, boolean narrows) {
    try (Arena arena = Arena.ofConfined()) {
      State separate = new State(arena);
      State joined = new State(arena);
      for (int step = 1; step <= 20; step++) {
        MemorySegment gradients = normal(arena, 100 + step);
        double scale = GlobalNorm.clipScale(GlobalNorm.of(gradients), 3);
        ADAMW.step(separate.weights, gradients, separate.first, separate.second, step, 1e-2, scale);
        if (averages) {
          EMA.update(separate.average, separate.weights, step);
        }
        OptimizedRegions regions =
            new OptimizedRegions(
                StateKernels.CPU, joined.weights, gradients, joined.first, joined.second,
                averages ? joined.average : MemorySegment.NULL, narrows ? joined.narrow : MemorySegment.NULL);
        ADAMW.step(regions, EMA, step, 1e-2, scale);
      }
      if (narrows) {
        CastKernels.f32ToBf16(separate.weights, separate.narrow, SIZE);
      }
      assertArrayEquals(separate.bits(separate.weights), joined.bits(joined.weights), "weights");
      assertArrayEquals(separate.bits(separate.first), joined.bits(joined.first), "first moment");
      assertArrayEquals(separate.bits(separate.second), joined.bits(joined.second), "second moment");
      assertArrayEquals(separate.bits(separate.average), joined.bits(joined.average), "average");
      assertArrayEquals(separate.bits(separate.narrow), joined.bits(joined.narrow), "narrow weights");
    }
  }

  @Test
  void shouldRefuseRegionsOfAnotherSize() {
    try (Arena arena = Arena.ofConfined()) {
      State s = new State(arena);
      MemorySegment tooShort = s.narrow.asSlice(2);
      OptimizedRegions regions =
          new OptimizedRegions(StateKernels.CPU, s.weights, normal(arena, 2), s.first, s.second, s.average, tooShort);
      Exception e = assertThrows(IllegalArgumentException.class, () -> ADAMW.step(regions, EMA, 1, 1e-2, 1));
      assertEquals("segment of " + (2 * SIZE - 2) + " bytes, expected " + 2 * SIZE, e.getMessage());
    }
  }

  private static MemorySegment normal(Arena arena, long seed) {
    Random random = new Random(seed);
    MemorySegment values = arena.allocate(SIZE * (long) Float.BYTES, 64);
    for (int i = 0; i < SIZE; i++) {
      values.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
    }
    return values;
  }
}
