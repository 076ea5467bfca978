package kiln.launcher.explain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LargestBatchTest {
  private int asked;

  private int find(IntToLongFunction bytes, long capacity, int start) {
    asked = 0;
    IntToLongFunction counted =
        batch -> {
          assertTrue(batch >= 1 && batch <= LargestBatch.MOST, () -> "asked for " + batch);
          asked++;
          return bytes.applyAsLong(batch);
        };
    return new LargestBatch(counted, capacity).find(start);
  }

  /** What is there by trying all of them. */
  private static int all(IntToLongFunction bytes, long capacity) {
    return IntStream.rangeClosed(0, LargestBatch.MOST)
        .filter(batch -> batch == 0 || bytes.applyAsLong(batch) <= capacity)
        .max()
        .orElseThrow();
  }

  @Test
  void shouldAskForFewPlansOnALine() {
    for (int start : new int[] {1, 8, 100, 1000}) {
      for (long capacity : new long[] {31, 1_000, 1_234, 9_999}) {
        assertEquals(all(batch -> 30 + 7L * batch, capacity), find(batch -> 30 + 7L * batch, capacity, start));
        assertTrue(asked <= 12, () -> asked + " plans from " + start + " to " + capacity);
      }
    }
    find(batch -> 30 + 7L * batch, 1_000, 8);
    assertTrue(asked <= 5, () -> asked + " plans");
  }

  @Test
  void shouldFindItOnStairsAndCurves() {
    IntToLongFunction stairs = batch -> 100L * (batch / 16 + 1);
    IntToLongFunction curve = batch -> (long) batch * batch;
    IntToLongFunction flat = batch -> batch < 700 ? 5 : 1_000_000;
    for (IntToLongFunction bytes : new IntToLongFunction[] {stairs, curve, flat}) {
      for (long capacity : new long[] {5, 100, 101, 2_500, 70_000}) {
        assertEquals(all(bytes, capacity), find(bytes, capacity, 4));
        assertTrue(asked <= 40, () -> asked + " plans for " + capacity);
      }
    }
  }

  @Test
  void shouldTakeWhatCannotBePlannedForTooLarge() {
    IntToLongFunction cut = batch -> batch > 300 ? LargestBatch.TOO_LARGE : 10 + batch;
    for (int start : new int[] {1, 299, 300, 301, 4000}) {
      assertEquals(300, find(cut, 1_000_000, start));
      assertTrue(asked <= 40, () -> asked + " plans from " + start);
    }
  }

  @Test
  void shouldKnowWhenNoneOrAllFit() {
    assertEquals(0, find(batch -> 10 + batch, 10, 1));
    assertEquals(0, find(batch -> 10 + batch, 10, 64));
    assertEquals(LargestBatch.MOST, find(batch -> batch, Long.MAX_VALUE, 1));
  }
}
