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
import java.util.Arrays;
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

  private Path queueFile() throws IOException {
    try (var files = Files.list(folder.resolve("train"))) {
      return files.filter(file -> file.toString().endsWith(".cq4")).findFirst().orElseThrow();
    }
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
    assertSays(refusal(), folder.toString(), "no dataset.json", "did not finish");
  }

  @Test
  void shouldRefuseOtherVersion() throws IOException {
    Path file = folder.resolve(Manifest.FILE);
    Files.writeString(file, Files.readString(file).replaceFirst("\"version\" : 1", "\"version\" : 7"));
    assertSays(refusal(), "dataset.json", "version 7", "reads version 1");
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
      file.set(BlockLayout.INT, block + BlockLayout.AT_VERSION, 9);
      assertSays(refusal(), "block 4 has layout version 9, expected 1");
      file.set(BlockLayout.INT, block + BlockLayout.AT_VERSION, BlockLayout.VERSION);
      file.set(BlockLayout.INT, block + BlockLayout.AT_COUNT, 9);
      assertSays(refusal(), "block 4 malformed header");
      file.set(BlockLayout.INT, block + BlockLayout.AT_COUNT, -1);
      assertSays(refusal(), "block 4 malformed header");
      file.set(BlockLayout.LONG, block, 0L);
      assertSays(refusal(), "block 4 not a block");
    }
  }

  @Test
  void shouldRefuseDamagedQueueMetadata() throws IOException {
    Path metadata = folder.resolve("train").resolve("metadata.cq4t");
    byte[] bytes = Files.readAllBytes(metadata);
    Arrays.fill(bytes, (byte) 0x5a);
    Files.write(metadata, bytes);
    assertSays(refusal(), folder.resolve("train").toString());
  }

  private long lastBlock() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment file = mapped(arena);
      long last = -1;
      for (long at = 0; at + 64 <= file.byteSize(); at += 64) {
        if (file.get(BlockLayout.LONG, at) == BlockLayout.MAGIC) {
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
