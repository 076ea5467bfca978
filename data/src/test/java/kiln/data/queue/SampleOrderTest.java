package kiln.data.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kiln.bindings.UserException;
import kiln.data.Bucket;
import kiln.data.BucketTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleOrderTest {
  @TempDir Path folder;

  private BatchReader square(int samples) throws Exception {
    return BatchReader.open(Samples.dataset(folder, BucketTable.square(8, 16), samples));
  }

  private BatchReader twoBuckets(int samples) throws Exception {
    BucketTable table =
        new BucketTable(List.of(new BucketTable.Size(8, 8), new BucketTable.Size(8, 16)), List.of(16));
    return BatchReader.open(Samples.dataset(folder, table, samples));
  }

  private static List<Long> epoch(SampleOrder order, BatchReader reader, long epoch) {
    List<Long> ids = new ArrayList<>();
    for (long i = 0; i < order.stepsPerEpoch() * order.globalBatch(); i++) {
      SampleOrder.Slice place = order.place(epoch, i);
      ids.add(reader.block(place.block()).sampleId(place.offset()));
    }
    return ids;
  }

  @Test
  void shouldVisitEverySampleOncePerEpoch() throws Exception {
    try (BatchReader reader = square(160)) {
      for (int batch : new int[] {1, 2, 4, 8, 16, 32, 80}) {
        SampleOrder order = new SampleOrder(5, reader, batch);
        assertEquals(160 / batch, order.stepsPerEpoch());
        for (long epoch = 0; epoch < 3; epoch++) {
          List<Long> ids = epoch(order, reader, epoch);
          assertEquals(160, ids.size(), "batch=" + batch);
          assertEquals(160, new HashSet<>(ids).size(), "batch=" + batch);
        }
      }
    }
  }

  @Test
  void shouldDropNothingWhenBlocksDoNotFillTheLastBatch() throws Exception {
    try (BatchReader reader = twoBuckets(176)) {
      SampleOrder order = new SampleOrder(5, reader, 32);
      assertEquals(6, order.stepsPerEpoch(), "11 blocks per bucket, 4 per batch");
      Map<Long, Integer> seen = new HashMap<>();
      for (long id : epoch(order, reader, 2)) {
        seen.merge(id, 1, Integer::sum);
      }
      assertEquals(176, seen.size());
      assertEquals(6L * 32, seen.values().stream().mapToInt(Integer::intValue).sum());
    }
  }

  @Test
  void shouldKeepGlobalBatchInOneBucket() throws Exception {
    try (BatchReader reader = twoBuckets(160)) {
      for (int batch : new int[] {4, 8, 16}) {
        SampleOrder order = new SampleOrder(9, reader, batch);
        Set<Bucket> seen = new HashSet<>();
        for (long step = 0; step < order.stepsPerEpoch(); step++) {
          Bucket bucket = reader.block(order.slice(1, step, 0, 1).block()).bucket();
          seen.add(bucket);
          for (int i = 0; i < batch; i++) {
            assertEquals(bucket, reader.block(order.slice(1, step, i, 1).block()).bucket());
          }
        }
        assertEquals(2, seen.size());
      }
    }
  }

  @Test
  void shouldGiveSameGlobalBatchesToAnyNumberOfRanks() throws Exception {
    try (BatchReader reader = square(160)) {
      SampleOrder order = new SampleOrder(3, reader, 8);
      for (long step = 0; step < order.stepsPerEpoch(); step++) {
        List<Long> whole = ids(reader, order.slice(4, step, 0, 8));
        for (int micro : new int[] {1, 2, 4}) {
          List<Long> parts = new ArrayList<>();
          for (int first = 0; first < 8; first += micro) {
            parts.addAll(ids(reader, order.slice(4, step, first, micro)));
          }
          assertEquals(whole, parts);
        }
      }
    }
  }

  @Test
  void shouldBePureFunctionOfSeedAndEpoch() throws Exception {
    try (BatchReader reader = square(160)) {
      SampleOrder order = new SampleOrder(3, reader, 4);
      List<Long> first = epoch(order, reader, 0);
      List<Long> second = epoch(order, reader, 1);
      assertNotEquals(first, second);
      assertEquals(first, epoch(order, reader, 0), "going back");
      assertEquals(second, epoch(new SampleOrder(3, reader, 4), reader, 1), "starting in the middle");
      assertNotEquals(first, epoch(new SampleOrder(4, reader, 4), reader, 0));
    }
  }

  @Test
  void shouldRefuseBatchThatDoesNotFitBlocks() throws Exception {
    try (BatchReader reader = square(160)) {
      UserException e = assertThrows(UserException.class, () -> new SampleOrder(3, reader, 12));
      assertTrue(e.getMessage().contains("batch of 12") && e.getMessage().contains("8"), e.getMessage());
      assertThrows(UserException.class, () -> new SampleOrder(3, reader, 0));
      SampleOrder order = new SampleOrder(3, reader, 16);
      assertThrows(IllegalArgumentException.class, () -> order.slice(0, 0, 4, 8));
      assertThrows(IllegalArgumentException.class, () -> order.slice(0, 0, 12, 8));
    }
  }

  @Test
  void shouldRefuseDataSmallerThanBatchAndRepeatSmallBuckets() throws Exception {
    try (BatchReader reader = square(13)) {
      UserException e = assertThrows(UserException.class, () -> new SampleOrder(3, reader, 16));
      assertTrue(e.getMessage().contains("13 samples, fewer than one batch of 16"), e.getMessage());
    }
  }

  @Test
  void shouldRepeatSamplesOfBucketThatIsSmallerThanBatch() throws Exception {
    try (BatchReader reader = twoBuckets(44)) {
      SampleOrder order = new SampleOrder(3, reader, 32);
      assertEquals(2, order.smallBuckets());
      assertEquals(2, order.stepsPerEpoch());
      assertEquals(44, new HashSet<>(epoch(order, reader, 0)).size());
    }
  }

  /** The same global batches, in their own order, and the same number of them. */
  @Test
  void shouldVisitEverySampleInTheOrderOfWritingInTheFirstEpoch() throws Exception {
    try (BatchReader reader = twoBuckets(176)) {
      for (int batch : new int[] {2, 8, 16, 32}) {
        SampleOrder usual = new SampleOrder(5, reader, batch);
        SampleOrder order = new SampleOrder(5, reader, batch, true);
        assertEquals(usual.stepsPerEpoch(), order.stepsPerEpoch());
        List<Long> first = epoch(order, reader, 0);
        assertEquals(176, new HashSet<>(first).size());
        assertEquals(epoch(usual, reader, 1), epoch(order, reader, 1));
        if (batch <= 8) {
          List<Long> written = new ArrayList<>();
          for (int b = 0; b < reader.numBlocks(); b++) {
            written.addAll(ids(reader, new SampleOrder.Slice(b, 0, 8)));
          }
          assertEquals(written, first);
        }
        WritingOrder growing = new WritingOrder(batch, 8);
        for (int b = 0; b < reader.numBlocks(); b++) {
          growing.add(reader.block(b).bucket());
          for (long step = 0; step < growing.numSteps(); step++) {
            assertEquals(order.slice(0, step, 0, 1), growing.slice(step, 0, 1), "whenever it is asked");
          }
        }
        growing.complete();
        assertEquals(order.stepsPerEpoch(), growing.numSteps());
      }
    }
  }

  @Test
  void shouldPermuteWithoutFixedPattern() {
    for (long size : new long[] {1, 2, 3, 5, 64, 1000}) {
      Permutation permutation = new Permutation(size, 1, 2);
      Set<Long> seen = new HashSet<>();
      for (long i = 0; i < size; i++) {
        seen.add(permutation.at(i));
      }
      assertEquals(size, seen.size());
    }
    int[][] counts = new int[6][6];
    for (long key = 0; key < 6000; key++) {
      Permutation permutation = new Permutation(6, 7, key);
      for (int i = 0; i < 6; i++) {
        counts[i][(int) permutation.at(i)]++;
      }
    }
    for (int[] row : counts) {
      for (int count : row) {
        assertTrue(count > 850 && count < 1150, "count=" + count + ", expected about 1000");
      }
    }
  }

  private static List<Long> ids(BatchReader reader, SampleOrder.Slice slice) {
    List<Long> ids = new ArrayList<>();
    for (int i = 0; i < slice.count(); i++) {
      ids.add(reader.block(slice.block()).sampleId(slice.offset() + i));
    }
    return ids;
  }
}
