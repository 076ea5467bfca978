package kiln.collectives;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class BucketLayoutTest {
  private static final long[] OFFSETS = {0, 64, 128, 320, 384};
  private static final long[] BYTES = {40, 64, 180, 64, 12};

  @Test
  void shouldCutFromTheEndAtTheGivenSize() {
    BucketLayout layout = BucketLayout.of(OFFSETS, BYTES, 128);
    assertEquals(List.of(3, 2, 0), layout.buckets().stream().map(BucketLayout.Range::first).toList());
    assertEquals(List.of(76L, 180L, 128L), layout.buckets().stream().map(BucketLayout.Range::bytes).toList());
    assertArrayEquals(new int[] {2, 2, 1, 0, 0}, layout.bucketOf());
  }

  @Test
  void shouldOrderBucketsByWhenTheirLastGradientBecomesFinal() {
    BucketLayout layout = BucketLayout.of(OFFSETS, BYTES, 128).orderedBy(new int[] {3, 2, 1, 0, 4});
    assertEquals(List.of(2, 0, 3), layout.buckets().stream().map(BucketLayout.Range::first).toList());
    assertArrayEquals(new int[] {1, 1, 0, 2, 2}, layout.bucketOf());
  }

  @Test
  void shouldHoldAllParametersInOneBucketThatIsLargeEnough() {
    BucketLayout layout = BucketLayout.of(OFFSETS, BYTES, Long.MAX_VALUE);
    assertEquals(1, layout.buckets().size());
    assertEquals(396, layout.buckets().getFirst().bytes());
    assertEquals(5, layout.buckets().getFirst().numParameters());
  }

  @Test
  void shouldRefuseOverlapsAndBrokenSizes() {
    assertThrows(IllegalArgumentException.class, () -> BucketLayout.of(new long[] {0, 4}, new long[] {8, 4}, 64));
    assertThrows(IllegalArgumentException.class, () -> BucketLayout.of(new long[] {0, 8}, new long[] {8, 3}, 64));
    assertThrows(IllegalArgumentException.class, () -> BucketLayout.of(new long[] {0, 8}, new long[] {8}, 64));
    assertThrows(IllegalArgumentException.class, () -> BucketLayout.of(new long[] {0, 8}, new long[] {8, 4}, 0));
  }
}
