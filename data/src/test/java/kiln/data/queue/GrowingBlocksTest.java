package kiln.data.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import kiln.bindings.UserException;
import kiln.data.BucketTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GrowingBlocksTest {
  private static final BucketTable TABLE =
      new BucketTable(List.of(new BucketTable.Size(16, 16), new BucketTable.Size(64, 128)), List.of(16));

  @TempDir Path folder;

  private void begin(int writers, boolean apart) throws Exception {
    Preparation.of("test", Map.of(), Map.of(), 8, TABLE, writers, apart).write(folder);
  }

  private BatchWriter writer(Lanes lanes) throws Exception {
    Path split = folder.resolve("train");
    return new BatchWriter(split, 8, TABLE, lanes, KeptBlocks.scan(split, lanes), WritingLimits.NONE);
  }

  private static void add(BatchWriter writer, int from, int to, int by) throws Exception {
    for (int i = from; i < to; i += by) {
      writer.add(i, Samples.number(i, TABLE.sizes().get(i / by % 2)));
    }
  }

  private void finish(Manifest.Contents contents) throws Exception {
    Manifest.of("test", Map.of(), 8, Map.of("train", contents), Map.of(), List.of()).write(folder);
  }

  private void assertIsWhatReaderFinds(GrowingBlocks growing) {
    try (BatchReader reader = BatchReader.open(folder)) {
      assertEquals(reader.numBlocks(), growing.numBlocks());
      for (int b = 0; b < reader.numBlocks(); b++) {
        assertEquals(reader.block(b).draft(0), growing.block(b).draft(0));
        assertTrue(growing.block(b).checksumHolds());
        assertTrue(Samples.pixelsAre(growing.block(b).sampleId(3), growing.block(b).pixels(3, 1)));
      }
      assertEquals(ScheduleHash.of(1, 4, true, reader), ScheduleHash.of(1, 4, true, growing));
    }
  }

  @Test
  void shouldGiveBlocksAsTheyAreWritten() throws Exception {
    begin(2, false);
    try (GrowingBlocks growing = new GrowingBlocks(folder);
        BatchWriter writer = writer(new Lanes(0, 2))) {
      assertEquals(0, growing.numBlocks());
      int seen = 0;
      for (int i = 0; i < 2000; i += 100) {
        add(writer, i, i + 100, 1);
        growing.poll();
        assertEquals(writer.numBlocks(), growing.numBlocks());
        for (; seen < growing.numBlocks(); seen++) {
          assertTrue(growing.block(seen).checksumHolds());
          assertEquals(seen, growing.block(seen).number());
        }
      }
      assertFalse(growing.isComplete());
      finish(writer.finish());
      growing.poll();
      assertTrue(growing.isComplete());
      assertIsWhatReaderFinds(growing);
    }
  }

  @Test
  void shouldGoOnWhenWriterWasStartedAgain() throws Exception {
    begin(1, false);
    try (GrowingBlocks growing = new GrowingBlocks(folder)) {
      try (BatchWriter first = writer(new Lanes(0, 1))) {
        add(first, 0, 100, 1);
        growing.poll();
        assertEquals(12, growing.numBlocks());
      }
      assertTrue(growing.writerIsGone());
      try (BatchWriter second = writer(new Lanes(0, 1))) {
        add(second, 96, 200, 1); // the first 96 are in blocks
        growing.poll();
        assertEquals(24, growing.numBlocks());
        finish(second.finish());
      }
      growing.poll();
      assertTrue(growing.isComplete());
      assertIsWhatReaderFinds(growing);
    }
  }

  @Test
  void shouldKeepTheOrderOfWritersThatPrepareApart() throws Exception {
    begin(3, true);
    try (GrowingBlocks growing = new GrowingBlocks(folder)) {
      List<Manifest.Contents> contents = new ArrayList<>();
      for (int w : new int[] {1, 0, 2}) {
        try (BatchWriter writer = writer(new Lanes(w, 1))) {
          add(writer, w, w == 1 ? 60 : 200, 3); // one has less
          contents.add(writer.finish());
          Files.writeString(folder.resolve(Preparation.result(w)), "{}");
        }
        growing.poll();
        assertEquals(w == 1 ? 0 : w == 0 ? 2 : growing.numBlocks(), growing.numBlocks(), "as long as the next one is there");
      }
      finish(Manifest.Contents.sum(contents));
      growing.poll();
      assertTrue(growing.isComplete());
      assertIsWhatReaderFinds(growing);
    }
  }

  @Test
  void shouldRefuseFolderWithoutPreparationAndFinishedSetThatLacksBlocks() throws Exception {
    UserException e = assertThrows(UserException.class, () -> new GrowingBlocks(folder));
    assertTrue(e.getMessage().contains("no data set is being made there"), e.getMessage());
    begin(1, false);
    try (GrowingBlocks growing = new GrowingBlocks(folder);
        BatchWriter writer = writer(new Lanes(0, 1))) {
      add(writer, 0, 40, 1);
      Manifest.Contents real = writer.finish();
      finish(new Manifest.Contents(real.samples(), 0, real.blocks() + 1, real.buckets(), new HashMap<>(real.files())));
      e = assertThrows(UserException.class, growing::poll);
      assertTrue(e.getMessage().contains("expected " + (real.blocks() + 1)), e.getMessage());
    }
  }

  @Test
  void shouldMakeWriterWaitForReader() throws Exception {
    begin(1, false);
    AtomicLong told = new AtomicLong();
    CountDownLatch waits = new CountDownLatch(1);
    Path split = folder.resolve("train");
    Ahead ahead = new Ahead(folder, 20_000, 1, bytes -> {
      told.set(bytes);
      waits.countDown();
    });
    List<Throwable> failures = new ArrayList<>();
    try (BatchWriter writer = new BatchWriter(split, 8, TABLE, new Lanes(0, 1), KeptBlocks.scan(split, new Lanes(0, 1)), new WritingLimits(ahead, Long.MAX_VALUE))) {
      Thread thread =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      for (int i = 0; i < 80; i++) {
                        writer.add(i, Samples.number(i, TABLE.sizes().getFirst()));
                      }
                    } catch (Throwable e) {
                      failures.add(e);
                    }
                  });
      assertTrue(waits.await(20, TimeUnit.SECONDS));
      assertTrue(told.get() > 20_000 && told.get() < 40_000, "told=" + told);
      try (GrowingBlocks growing = new GrowingBlocks(folder)) {
        int before = growing.numBlocks();
        assertTrue(before > 1 && before < 6, "blocks=" + before);
        ReaderPosition.write(folder, 1_000_000);
        thread.join(20_000);
        assertFalse(thread.isAlive());
        assertEquals(List.of(), failures);
        growing.poll();
        assertEquals(10, growing.numBlocks());
      }
    }
  }
}
