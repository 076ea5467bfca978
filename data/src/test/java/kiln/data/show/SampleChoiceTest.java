package kiln.data.show;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kiln.data.BucketTable;
import kiln.data.queue.BatchReader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleChoiceTest {
  @TempDir Path temporary;
  private BatchReader reader;

  /** 45 samples of one bucket, 4 of another, 1 of a third; blocks of 4. */
  @BeforeEach
  void build() {
    BucketTable table =
        new BucketTable(
            List.of(new BucketTable.Size(4, 4), new BucketTable.Size(4, 8), new BucketTable.Size(8, 4)), List.of(8));
    Listed source = new Listed(table);
    for (int i = 0; i < 50; i++) {
      source.add(table.sizes().get(i < 45 ? 0 : i < 49 ? 1 : 2), i, "c" + i);
    }
    reader = BatchReader.open(source.build(temporary.resolve("data"), 4));
  }

  @AfterEach
  void close() {
    reader.close();
  }

  private Map<String, Integer> byBucket(List<SampleChoice.Place> places) {
    Map<String, Integer> counts = new TreeMap<>();
    places.forEach(place -> counts.merge(reader.block(place.block()).bucket().toString(), 1, Integer::sum));
    return counts;
  }

  @Test
  void shouldGiveEachBucketOneAndLargeOnesMore() {
    assertEquals(
        Map.of("4x4 captions 8", 8, "4x8 captions 8", 1, "8x4 captions 8", 1), byBucket(SampleChoice.choose(reader, 10, 0)));
    assertEquals(Map.of("4x4 captions 8", 1, "4x8 captions 8", 1), byBucket(SampleChoice.choose(reader, 2, 0)));
  }

  @Test
  void shouldChooseSameSamplesForSameSeed() {
    assertEquals(SampleChoice.choose(reader, 10, 5), SampleChoice.choose(reader, 10, 5));
    assertNotEquals(SampleChoice.choose(reader, 10, 5), SampleChoice.choose(reader, 10, 6));
  }

  @Test
  void shouldChooseNoSampleTwiceAndNoneThatFillsABlock() {
    for (int wanted : new int[] {0, 1, 7, 30, 49, 50, 51, 1000}) {
      List<SampleChoice.Place> places = SampleChoice.choose(reader, wanted, wanted);
      assertEquals(Math.min(50, wanted), places.size());
      assertEquals(places.size(), new HashSet<>(places).size());
      assertTrue(places.stream().allMatch(place -> place.index() < reader.block(place.block()).distinct()));
    }
  }
}
