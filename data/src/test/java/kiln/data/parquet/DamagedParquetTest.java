package kiln.data.parquet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import kiln.bindings.UserException;
import kiln.data.input.InputException;
import kiln.data.input.InputOptions;
import kiln.data.input.Inputs;
import kiln.data.queue.Manifest;
import kiln.data.source.RawSamples;
import kiln.data.source.SkipReport;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.io.ParquetDecodingException;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Damaged files end in counted reasons or are read: no other exception, no endless loop, no memory beyond what is there. */
class DamagedParquetTest {
  private static final Set<String> REASONS =
      Set.of(
          ParquetTable.NOT_PARQUET,
          ParquetTable.CORRUPT_FOOTER,
          ParquetTable.CORRUPT_ROWS,
          ParquetTable.UNSUPPORTED,
          ParquetSource.NO_PICTURE,
          ParquetSource.TOO_LARGE,
          Columns.MISSING,
          InputException.UNREADABLE);

  @TempDir Path folder;

  @Test
  @Timeout(120) // only an endless loop takes so long
  void shouldEndWellWhateverIsDamaged() throws Exception {
    List<byte[]> files = new ArrayList<>();
    try (Stream<Path> all = Files.list(Path.of("src/test/resources/parquet"))) {
      for (Path file : all.filter(path -> path.toString().contains("pictures")).sorted().toList()) {
        files.add(Files.readAllBytes(file));
      }
    }
    assertEquals(6, files.size());
    SplittableRandom random = new SplittableRandom(6);
    Set<String> seen = new HashSet<>();
    int read = 0;
    long largest = 0;
    Path file = folder.resolve("damaged.parquet");
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (int i = 0; i < 600; i++) {
      Files.write(file, damaged(files.get(i % files.size()), random));
      SkipReport skips = new SkipReport(false);
      long before = threads.getCurrentThreadAllocatedBytes();
      read += read(file, skips);
      largest = Math.max(largest, threads.getCurrentThreadAllocatedBytes() - before);
      for (Manifest.Skipped skipped : skips.summary()) {
        assertTrue(REASONS.contains(skipped.reason()), skipped.toString());
        seen.add(skipped.reason());
      }
    }
    Set<String> usual = Set.of(ParquetTable.NOT_PARQUET, ParquetTable.CORRUPT_FOOTER, ParquetTable.CORRUPT_ROWS);
    assertTrue(seen.containsAll(usual), seen.toString());
    assertTrue(read > 600, "rows read: " + read);
    assertTrue(largest < 256 << 20, "bytes allocated for a file of 7 kB: " + largest);
  }

  private static int read(Path file, SkipReport skips) {
    int rows = 0;
    try (Inputs inputs = new Inputs(InputOptions.standard())) {
      ParquetSource source = new ParquetSource(TableFiles.of(List.of(file.toString()), inputs), ParquetOptions.defaults());
      try (RawSamples samples = source.open(skips)) {
        for (; samples.hasNext(); rows++) {
          samples.next();
        }
      }
    } catch (UserException e) {
      assertTrue(e.getMessage().contains("column"), e.getMessage()); // as the damaged schema has it
    }
    return rows;
  }

  private static byte[] damaged(byte[] file, SplittableRandom random) {
    byte[] bytes = file.clone();
    int footer = 8 + ByteBuffer.wrap(file, file.length - 8, 4).order(ByteOrder.LITTLE_ENDIAN).getInt();
    int from = random.nextInt(3) == 0 ? 0 : file.length - footer;
    switch (random.nextInt(5)) {
      case 0 -> {
        return Arrays.copyOf(bytes, random.nextInt(bytes.length));
      }
      case 1 -> {
        int at = random.nextInt(from, bytes.length);
        int gone = Math.min(bytes.length - at, random.nextInt(1, 20));
        System.arraycopy(file, at + gone, bytes, at, bytes.length - at - gone);
        return Arrays.copyOf(bytes, bytes.length - gone);
      }
      case 2 -> {
        int value = random.nextBoolean() ? Integer.MAX_VALUE : random.nextInt();
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(random.nextInt(from, bytes.length - 3), value);
      }
      case 3 -> bytes[random.nextInt(from, bytes.length)] ^= (byte) (1 << random.nextInt(8));
      default -> {
        for (int i = random.nextInt(1, 30); i > 0; i--) {
          bytes[random.nextInt(from, bytes.length)] = (byte) random.nextInt();
        }
      }
    }
    return bytes;
  }

  private static ColumnDescriptor column(String type) {
    return MessageTypeParser.parseMessageType("message m { optional " + type + " c; }").getColumns().getFirst();
  }

  private static void assertRefused(String what, Executable check) {
    String message = assertThrows(ParquetDecodingException.class, check).getMessage();
    assertTrue(message.contains(what), message);
  }

  private static ByteBuffer bytes(int... bytes) {
    ByteBuffer buffer = ByteBuffer.allocate(bytes.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int b : bytes) {
      buffer.put((byte) b);
    }
    return buffer.flip();
  }

  @Test
  void shouldRefuseDictionariesOfMoreThanTheirBytes() {
    byte[] page = bytes(1, 0, 0, 0, 'a', 0xff, 0xff, 0xff, 0x7f, 'b').array();
    PageChecks.dictionary(column("binary"), page, 1);
    assertRefused("value of 2147483647 bytes", () -> PageChecks.dictionary(column("binary"), page, 2));
    assertRefused("dictionary of 1000000000 values", () -> PageChecks.dictionary(column("binary"), page, 1_000_000_000));
    assertRefused("dictionary of 2 values", () -> PageChecks.dictionary(column("int64"), page, 2));
    assertRefused("dictionary of -1 values", () -> PageChecks.dictionary(column("int32"), page, -1));
  }

  @Test
  void shouldRefuseRunsOfMoreThanTheirBytes() {
    int[] manyGroups = {8, 0xff, 0xff, 0xff, 0xff, 0x0f, 1, 2, 3};
    assertRefused("a run of", () -> PageChecks.values(bytes(manyGroups), Integer.MAX_VALUE, Encoding.RLE_DICTIONARY));
    assertRefused("a run of 24 values", () -> PageChecks.values(bytes(1, 7, 1, 2, 3), 16, Encoding.RLE_DICTIONARY));
    assertRefused("a run of 24 bytes", () -> PageChecks.values(bytes(8, 7, 1, 2, 3), 24, Encoding.RLE_DICTIONARY));
    assertRefused("ids of 77 bits", () -> PageChecks.values(bytes(77, 2, 1), 1, Encoding.RLE_DICTIONARY));
    assertRefused(
        "runs of 1000 bytes",
        () ->
            PageChecks.pageV1(
                column("int32"), bytes(0xe8, 3, 0, 0, 2, 1).array(), 1, Encoding.RLE, Encoding.RLE, Encoding.PLAIN));
    PageChecks.values(bytes(1, 7, 1, 2, 3), 24, Encoding.RLE_DICTIONARY);
  }

  @Test
  void shouldRefuseDeltasOfMoreThanTheirPage() {
    int[] tooMany = {128, 1, 4, 0xff, 0xff, 0xff, 0xff, 7, 0};
    assertRefused("delta page of 2147483647 values", () -> PageChecks.values(bytes(tooMany), 10, Encoding.DELTA_BINARY_PACKED));
    int[] hugeBlocks = {0x80, 0x80, 0x80, 0x80, 8, 4, 2, 0};
    assertRefused("delta blocks of", () -> PageChecks.values(bytes(hugeBlocks), 10, Encoding.DELTA_BINARY_PACKED));
    int[] noMiniBlocks = {128, 1, 0, 2, 0};
    assertRefused("delta blocks of", () -> PageChecks.values(bytes(noMiniBlocks), 10, Encoding.DELTA_LENGTH_BYTE_ARRAY));
    int[] longPrefix = {128, 1, 4, 1, 0xfe, 0xff, 0xff, 0xff, 0x0f, 128, 1, 4, 1, 2, 'a'};
    assertRefused("shared prefix", () -> PageChecks.values(bytes(longPrefix), 1, Encoding.DELTA_BYTE_ARRAY));
  }

  @Test
  void shouldNotBelieveSizesThatNoCodecReaches() {
    for (CompressionCodec codec : CompressionCodec.values()) {
      if (PageCodecs.isSupported(codec)) {
        assertRefused("cannot become", () -> PageCodecs.decompress(codec, new byte[100], 0, Integer.MAX_VALUE));
        assertRefused("cannot become", () -> PageCodecs.decompress(codec, new byte[100], 0, -1));
      }
    }
  }
}
