package kiln.data.show;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CountersTest {
  @Test
  void shouldGiveQuantilesOfLengths() {
    LengthHistogram histogram = new LengthHistogram();
    SplittableRandom random = new SplittableRandom(3);
    long[] lengths = random.longs(10_001, 0, 60_000).toArray();
    for (long length : lengths) {
      histogram.add(length);
    }
    Arrays.sort(lengths);
    Lengths summary = histogram.summary();
    assertEquals(lengths[5_000], summary.median());
    assertEquals(lengths[9_000], summary.p90());
    assertEquals(lengths[9_900], summary.p99());
    assertEquals(lengths[0], summary.least());
    assertEquals(lengths[10_000], summary.most());
    assertEquals(Arrays.stream(lengths).average().orElseThrow(), summary.mean(), 1e-9);
    assertBinsHoldAll(summary);
  }

  @Test
  void shouldBinFewLongOnesApart() {
    LengthHistogram histogram = new LengthHistogram();
    for (int i = 0; i < 1_000; i++) {
      histogram.add(i % 50);
    }
    histogram.add(1_000_000);
    Lengths summary = histogram.summary();
    assertBinsHoldAll(summary);
    assertEquals(26, summary.bins().size());
    assertEquals(new Lengths.Bin(0, 1, 40), summary.bins().getFirst());
    assertEquals(new Lengths.Bin(50, 1_000_000, 1), summary.bins().getLast());
  }

  @Test
  void shouldKnowLongLengthsToAnEighth() {
    for (long length : new long[] {65_535, 65_536, 1_000_000, 123_456_789_012L, Long.MAX_VALUE / 8}) {
      LengthHistogram histogram = new LengthHistogram();
      histogram.add(0);
      histogram.add(length);
      histogram.add(length);
      long median = histogram.summary().median();
      assertTrue(median <= length && median > length - length / 8 - 1, "length=" + length + " median=" + median);
    }
  }

  @Test
  void shouldSumUpNothing() {
    assertEquals(0, new LengthHistogram().summary().count());
    assertEquals(new Copies(0, 0, 0, 0, 1), new CopyCounter(10).summary());
  }

  private static void assertBinsHoldAll(Lengths summary) {
    assertEquals(summary.count(), summary.bins().stream().mapToLong(Lengths.Bin::count).sum());
    long next = 0;
    for (Lengths.Bin bin : summary.bins()) {
      assertEquals(next, bin.from());
      next = bin.to() + 1;
    }
    assertTrue(next > summary.most());
  }

  @Test
  void shouldCountCopiesExactlyWhileTheyFit() {
    CopyCounter counter = new CopyCounter(100_000);
    for (int i = 0; i < 50_000; i++) {
      for (int k = 0; k < 1 + i % 3; k++) {
        counter.add(hash(i));
      }
    }
    // 16,667 once, 16,667 twice, 16,666 three times
    assertEquals(new Copies(16_667 + 2 * 16_667 + 3 * 16_666, 16_667 + 2 * 16_666, 33_333, 3, 1), counter.summary());
  }

  @Test
  void shouldEstimateCopiesThatDoNotFit() {
    CopyCounter counter = new CopyCounter(1_000);
    for (int i = 0; i < 200_000; i++) {
      counter.add(hash(i));
      if (i % 4 == 0) {
        counter.add(hash(i));
      }
    }
    Copies copies = counter.summary();
    assertEquals(250_000, copies.looked());
    assertEquals(256, copies.oneIn()); // 781 of the 200,000 are remembered on average, so 512 is possible by chance
    assertEquals(50_000, copies.copies(), 12_000); // 195 are counted: three standard deviations are 21 %
    assertEquals(copies.copies(), copies.contents());
    assertEquals(2, copies.largest());
  }

  @Test
  void shouldHashEveryByteAndTheLength() {
    byte[] bytes = new byte[75];
    long before = ContentHash.of(bytes);
    assertNotEquals(before, ContentHash.of(new byte[74]));
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = 1;
      assertNotEquals(before, ContentHash.of(bytes), "byte " + i);
      bytes[i] = 0;
    }
    assertEquals(before, ContentHash.of(bytes));
  }

  private static long hash(int i) {
    return ContentHash.of(new byte[] {(byte) i, (byte) (i >> 8), (byte) (i >> 16)});
  }
}
