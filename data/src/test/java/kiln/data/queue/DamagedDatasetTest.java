package kiln.data.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kiln.bindings.UserException;
import kiln.data.BucketTable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DamagedDatasetTest {
  private static final BucketTable TABLE = BucketTable.square(16, 32);

  @TempDir Path temporary;
  private Path folder;

  @BeforeEach
  void makeDataset() throws IOException {
    folder = Samples.dataset(Files.createDirectory(temporary.resolve("data")), TABLE, 40);
  }

  private String refusal() {
    return refusal(folder);
  }

  private static String refusal(Path dataset) {
    UserException e =
        assertThrows(
            UserException.class,
            () -> {
              try (BatchReader reader = BatchReader.open(dataset)) {
                reader.verify(_ -> {});
              }
            });
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    return e.getMessage();
  }

  private void assertSays(String message, String... parts) {
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }

  private Path queueFile() {
    return new Part(0, 0).file(folder.resolve("train"));
  }

  @Test
  void shouldNameMissingFolder() {
    assertSays(refusal(temporary.resolve("nowhere")), "nowhere", "no such data folder");
  }

  @Test
  void shouldNameEmptyFolder() throws IOException {
    Path empty = Files.createDirectory(temporary.resolve("empty"));
    assertSays(refusal(empty), empty.toString(), "is empty");
  }

  @Test
  void shouldRefuseUnfinishedDataset() throws IOException {
    Files.delete(folder.resolve(Manifest.FILE));
    assertSays(refusal(), folder.toString(), "no dataset.json", "not a Kiln data set");
    Preparation.of("test", Map.of(), Map.of(), 8, TABLE, 1, false).write(folder);
    assertSays(refusal(), folder.toString(), "no dataset.json", "did not finish", "goes on");
  }

  @Test
  void shouldRefuseOtherVersion() throws IOException {
    Path file = folder.resolve(Manifest.FILE);
    Files.writeString(file, Files.readString(file).replaceFirst("\"version\" : 2", "\"version\" : 7"));
    assertSays(refusal(), "dataset.json", "version 7", "reads version 2");
  }

  @Test
  void shouldRefuseManifestThatIsNotJson() throws IOException {
    Files.writeString(folder.resolve(Manifest.FILE), "{\"format\":");
    assertSays(refusal(), "dataset.json", "cannot be read");
    Files.writeString(folder.resolve(Manifest.FILE), "[]");
    assertSays(refusal(), "dataset.json", "format is none");
  }

  @Test
  void shouldRefuseMissingSplit() {
    UserException e = assertThrows(UserException.class, () -> BatchReader.open(folder, Split.VALIDATION));
    assertSays(e.getMessage(), "no validation split", "[train]");
  }

  @Test
  void shouldRefuseFileCutInLastRecord() throws IOException {
    long size = Files.size(queueFile());
    for (long cut : new long[] {9000, 20_000, size / 2, size - 100, size}) {
      try (FileChannel channel = FileChannel.open(queueFile(), StandardOpenOption.WRITE)) {
        channel.truncate(size - cut);
      }
      assertSays(refusal(), queueFile().toString(), "truncated: " + (size - cut) + " bytes, expected " + size);
    }
  }

  @Test
  void shouldRefuseLastRecordTornByKilledWriter() throws IOException {
    // A writer that dies leaves the document's header marked as incomplete; the length and size of the file are right.
    long lastBlock = lastBlock();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment file = mapped(arena);
      long header = lastBlock - 4;
      while (file.get(ValueLayout.JAVA_INT, header) == 0) {
        header -= 4;
      }
      file.set(ValueLayout.JAVA_INT, header, file.get(ValueLayout.JAVA_INT, header) | 0x80000000);
    }
    assertSays(refusal(), "4 complete blocks, expected 5", "torn");
  }

  @Test
  void shouldFindChangedByte() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment file = mapped(arena);
      long at = lastBlock() + 5000;
      file.set(ValueLayout.JAVA_BYTE, at, (byte) (file.get(ValueLayout.JAVA_BYTE, at) ^ 1));
    }
    assertSays(refusal(), queueFile().toString(), "block 4 is damaged", "CRC-32C");
  }

  @Test
  void shouldRefuseBlockOfOtherVersionAndDamagedHeader() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment file = mapped(arena);
      long block = lastBlock();
      file.set(RecordBytes.INT, block + BlockLayout.AT_VERSION, 9);
      assertSays(refusal(), "block 4 has layout version 9, expected 2");
      file.set(RecordBytes.INT, block + BlockLayout.AT_VERSION, BlockLayout.VERSION);
      file.set(RecordBytes.INT, block + BlockLayout.AT_COUNT, 9);
      assertSays(refusal(), "block 4 malformed header");
      file.set(RecordBytes.INT, block + BlockLayout.AT_COUNT, -1);
      assertSays(refusal(), "block 4 malformed header");
      file.set(RecordBytes.LONG, block, 0L);
      assertSays(refusal(), "block 4 not a block");
    }
  }

  @Test
  void shouldRefuseLengthBeyondTheFileAndFileThatIsNoQueue() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment file = mapped(arena);
      long header = lastBlock() - 4;
      while (file.get(ValueLayout.JAVA_INT, header) == 0) {
        header -= 4;
      }
      int before = file.get(ValueLayout.JAVA_INT, header);
      file.set(ValueLayout.JAVA_INT, header, Frames.LENGTH);
      assertSays(refusal(), queueFile().toString(), "block 4 is damaged", "more than the file holds");
      file.set(ValueLayout.JAVA_INT, header, before);
      file.set(ValueLayout.JAVA_INT, 0, 4);
      assertSays(refusal(), queueFile().toString(), "block 0 is damaged");
    }
  }

  @Test
  void shouldRefuseBlockThatIsThereTwice() throws IOException {
    Path first = folder.resolve("train").resolve(new Part(0, 0).folder());
    Path second = Files.createDirectory(folder.resolve("train").resolve(new Part(0, 1).folder()));
    Files.copy(first.resolve(Queues.FILE), second.resolve(Queues.FILE));
    Manifest was = Manifest.read(folder);
    Manifest.Contents one = was.splits().get("train");
    Map<String, Long> files = new HashMap<>(one.files());
    files.put(new Part(0, 1).folder() + "/" + Queues.FILE, Files.size(second.resolve(Queues.FILE)));
    Manifest.Contents twice = new Manifest.Contents(one.samples(), one.repeated(), 2 * one.blocks(), one.buckets(), files);
    Manifest.of("test", Map.of(), 8, Map.of("train", twice), Map.of(), List.of()).write(folder);
    assertSays(refusal(), "has number 0, which", "has too");
  }

  private long lastBlock() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment file = mapped(arena);
      long last = -1;
      for (long at = 0; at + 64 <= file.byteSize(); at += 64) {
        if (file.get(RecordBytes.LONG, at) == BlockLayout.MAGIC) {
          last = at;
        }
      }
      return last;
    }
  }

  private MemorySegment mapped(Arena arena) throws IOException {
    try (FileChannel channel =
        FileChannel.open(queueFile(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size(), arena);
    }
  }
}
