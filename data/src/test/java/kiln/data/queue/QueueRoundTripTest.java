package kiln.data.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kiln.bindings.JavaCommand;
import kiln.data.Bucket;
import kiln.data.BucketTable;
import kiln.data.text.ByT5Tokenizer;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.queue.rollcycles.LegacyRollCycles;
import net.openhft.chronicle.wire.DocumentContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QueueRoundTripTest {
  private static final BucketTable TABLE =
      new BucketTable(List.of(new BucketTable.Size(16, 16), new BucketTable.Size(12, 20)), List.of(16, 64));

  @TempDir Path folder;

  @Test
  void shouldReadBackEveryByte() throws Exception {
    Samples.dataset(folder, TABLE, 100);
    assertEquals("100 samples", check(folder));
  }

  @Test
  void shouldReadBackEveryByteInAnotherProcess() throws Exception {
    Samples.dataset(folder, TABLE, 100);
    Path home = Files.createDirectory(folder.resolve("home"));
    List<String> command =
        JavaCommand.of(QueueRoundTripTest.class, List.of("-Duser.home=" + home), List.of(folder.toString()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals("100 samples", output.strip());
    assertEquals(0, process.waitFor());
    try (var left = Files.list(home)) {
      assertEquals(
          List.of(),
          left.filter(file -> file.getFileName().toString().startsWith(".chronicle")).toList(),
          "Chronicle's usage reports leave an id in the home folder");
    }
  }

  /** The second process. */
  public static void main(String[] args) {
    System.out.println(check(Path.of(args[0])));
  }

  private static String check(Path dataset) {
    Map<Long, Integer> seen = new HashMap<>();
    try (BatchReader reader = BatchReader.open(dataset)) {
      reader.verify(_ -> {});
      for (int b = 0; b < reader.numBlocks(); b++) {
        Block block = reader.block(b);
        for (int i = 0; i < block.count(); i++) {
          long id = block.sampleId(i);
          require(Samples.pixelsAre(id, block.pixels(i, 1)), "pixels of " + id);
          require(block.caption(i).equals("Sämple " + id), "caption of " + id);
          require(block.truth(i).equals("{\"number\":" + id + "}"), "truth of " + id);
          int[] ids = block.ids(i, 1).toArray(RecordBytes.INT);
          require(ByT5Tokenizer.decode(ids, true).equals("Sämple " + id), "ids of " + id);
          require(
              Arrays.equals(block.mask(i, 1).toArray(RecordBytes.INT), ByT5Tokenizer.mask(ids)), "mask of " + id);
          if (i < block.distinct()) {
            seen.merge(id, 1, Integer::sum);
          } else {
            require(seen.containsKey(id), id + " fills up but was not there before");
          }
        }
      }
    }
    for (Map.Entry<Long, Integer> entry : seen.entrySet()) {
      require(entry.getValue() == 1, "sample " + entry.getKey() + " is there " + entry.getValue() + " times");
    }
    return seen.size() + " samples";
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  @Test
  void shouldHandOutSlicesOfMappedMemoryThatStayValid() throws Exception {
    Samples.dataset(folder, TABLE, 200);
    List<MemorySegment> kept = new ArrayList<>();
    List<Long> ids = new ArrayList<>();
    BatchReader reader = BatchReader.open(folder);
    for (int b = 0; b < reader.numBlocks(); b++) {
      Block block = reader.block(b);
      MemorySegment pixels = block.pixels(2, 2);
      assertTrue(pixels.isMapped() && pixels.isReadOnly());
      assertEquals(block.pixels(0, 8).address() + 2 * block.bucket().pixelBytes(), pixels.address());
      assertEquals(0, block.pixels(0, 8).address() % 64);
      assertEquals(0, block.ids(0, 8).address() % 64);
      assertEquals(0, block.mask(0, 8).address() % 64);
      kept.add(block.pixels(2, 1));
      ids.add(block.sampleId(2));
    }
    for (int i = 0; i < kept.size(); i++) {
      assertTrue(Samples.pixelsAre(ids.get(i), kept.get(i)), "block " + i);
    }
    reader.close();
    assertThrows(IllegalStateException.class, () -> Samples.pixelsAre(0, kept.getFirst()));
  }

  @Test
  void shouldFillLastBlocksByRepeatingAndCountThem() throws Exception {
    Samples.dataset(folder, TABLE, 21);
    try (BatchReader reader = BatchReader.open(folder)) {
      Manifest.Contents contents = reader.manifest().splits().get("train");
      assertEquals(21, contents.samples());
      assertEquals(11, contents.repeated());
      assertEquals(32, reader.numSamples());
      assertEquals(Map.of("16x16 captions 16", 11L, "12x20 captions 16", 10L), contents.buckets());
      assertEquals(2, reader.buckets().size());
      assertTrue(reader.buckets().contains(new Bucket(12, 20, 16)));
    }
  }

  /** Kiln finds the documents by itself; they are what Chronicle's own reader finds. */
  @Test
  void shouldBeAQueueThatChronicleReads() throws Exception {
    Samples.dataset(folder, TABLE, 100);
    Path queue = folder.resolve("train").resolve(new Part(0, 0).folder());
    List<Long> numbers = new ArrayList<>();
    try (SingleChronicleQueue chronicle =
            SingleChronicleQueueBuilder.binary(queue).rollCycle(LegacyRollCycles.DAILY).readOnly(true).build();
        ExcerptTailer tailer = chronicle.createTailer()) {
      while (true) {
        try (DocumentContext document = tailer.readingDocument()) {
          if (!document.isPresent()) {
            break;
          }
          long at = RecordBytes.align(document.wire().bytes().readPosition());
          assertEquals(BlockLayout.MAGIC, document.wire().bytes().readLong(at));
          numbers.add(document.wire().bytes().readLong(at + BlockLayout.AT_NUMBER));
        }
      }
    }
    try (BatchReader reader = BatchReader.open(folder)) {
      List<Long> ours = new ArrayList<>();
      for (int b = 0; b < reader.numBlocks(); b++) {
        ours.add(reader.block(b).number());
      }
      assertEquals(ours, numbers);
      assertEquals(14, ours.size());
    }
  }

  @Test
  void shouldTakeLittleDisk() throws Exception {
    Samples.dataset(folder, TABLE, 8);
    long bytes = 0;
    try (var files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
    }
    assertFalse(bytes > 1 << 20, "bytes=" + bytes);
  }
}
