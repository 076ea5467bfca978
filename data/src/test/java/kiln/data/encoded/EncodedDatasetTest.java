package kiln.data.encoded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.stream.IntStream;
import kiln.bindings.UserException;
import kiln.data.queue.BatchReader;
import kiln.data.queue.Block;
import kiln.data.queue.SampleOrder;
import kiln.data.queue.Split;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What two writers have encoded, over several attempts, and what a reader makes of it. */
class EncodedDatasetTest {
  private static final int SAMPLES = 90;

  @TempDir Path temporary;

  private Path data() throws IOException {
    return MadeUp.dataset(temporary.resolve("data"), SAMPLES);
  }

  private Path split() {
    return temporary.resolve("encoded/train");
  }

  private static int[] every(int blocks, int rank) {
    return IntStream.range(0, blocks).filter(i -> i % 2 == rank).toArray();
  }

  /** All blocks by two writers. */
  private Path encoded(BatchReader source, Origin origin) throws IOException {
    for (int rank = 0; rank < 2; rank++) {
      MadeUp.writePart(source, split(), origin, origin.hasText(), 1, rank, every(source.numBlocks(), rank));
    }
    MadeUp.finish(source, temporary.resolve("encoded"), origin);
    return temporary.resolve("encoded");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldGiveBackWhatTwoWritersHaveWrittenInTheOrderOfTheSource(boolean text) throws IOException {
    Path data = data();
    Origin origin = MadeUp.origin(data, text);
    try (BatchReader source = BatchReader.open(data);
        EncodedReader reader = EncodedReader.open(encoded(source, origin), Split.TRAIN)) {
      reader.verify(blocks -> {});
      assertEquals(source.numBlocks(), reader.numBlocks());
      assertEquals(source.buckets(), reader.buckets());
      for (int b = 0; b < source.numBlocks(); b++) {
        check(b, source.block(b), reader.block(b), text);
      }
      SampleOrder expected = new SampleOrder(3, source, 4);
      SampleOrder actual = new SampleOrder(3, reader, 4);
      for (int step = 0; step < expected.stepsPerEpoch(); step++) {
        assertEquals(expected.slice(1, step, 0, 4), actual.slice(1, step, 0, 4));
      }
    }
  }

  private static void check(int number, Block expected, EncodedBlock actual, boolean text) {
    int n = expected.count();
    assertEquals(expected.bucket(), actual.bucket());
    assertEquals(expected.distinct(), actual.distinct());
    assertEquals(MadeUp.shape(expected.bucket(), text), actual.shape());
    checkNumbers(number, 0, actual.mean(0, n));
    checkNumbers(number + 100, 0, actual.logvar(0, n));
    checkNumbers(number, actual.shape().latentBytes() * 3 / 2, actual.mean(3, 2));
    assertEquals(0, actual.mean(0, n).address() % 64);
    assertEquals(-1, expected.ids(0, n).mismatch(actual.ids(0, n)));
    assertEquals(-1, expected.mask(0, n).mismatch(actual.mask(0, n)));
    assertEquals(-1, expected.sampleIds(0, n).mismatch(actual.sampleIds(0, n)));
    int row = 0;
    for (int i = 0; i < n; i++) {
      assertEquals(expected.caption(i), actual.caption(i));
      assertEquals(expected.truth(i), actual.truth(i));
      if (text) {
        int tokens = ones(expected.mask(i, 1));
        MemorySegment offsets = actual.textOffsets(i, 1);
        assertEquals(row, offsets.getAtIndex(ValueLayout.JAVA_INT, 0));
        assertEquals(row + tokens, offsets.getAtIndex(ValueLayout.JAVA_INT, 1));
        row += tokens;
      }
    }
    if (text) {
      assertEquals(row * actual.shape().stateBytes(), actual.textStates().byteSize(), "no padding is kept");
      checkNumbers(number + 200, 0, actual.textStates());
      checkNumbers(number + 200, row * MadeUp.TEXT_WIDTH, actual.emptyTextState());
    } else {
      assertThrows(IllegalStateException.class, actual::textStates);
    }
  }

  private static void checkNumbers(long block, long first, MemorySegment segment) {
    for (long i = 0; i < segment.byteSize() / 2; i++) {
      assertEquals(MadeUp.number(block, first + i), segment.getAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, i));
    }
  }

  private static int ones(MemorySegment mask) {
    int ones = 0;
    for (long i = 0; i < mask.byteSize() / Integer.BYTES; i++) {
      ones += mask.getAtIndex(ValueLayout.JAVA_INT_UNALIGNED, i);
    }
    return ones;
  }

  @Test
  void shouldPredictTheSize() throws IOException {
    Path data = data();
    try (BatchReader source = BatchReader.open(data)) {
      Path encoded = encoded(source, MadeUp.origin(data, true));
      EncodedSize size = MadeUp.size(source, true);
      long blocks = 0;
      try (EncodedReader reader = EncodedReader.open(encoded, Split.TRAIN)) {
        for (int i = 0; i < reader.numBlocks(); i++) {
          blocks += reader.block(i).byteSize();
          assertTrue(reader.block(i).byteSize() < size.largestBlock());
        }
      }
      long lengths = 64L * source.numBlocks();
      assertEquals(blocks + lengths, size.blockBytes());
      long disk = 0;
      for (long file : EncodedManifest.read(encoded).splits().get("train").files().values()) {
        disk += file;
      }
      assertEquals(disk, size.onDisk(2), 16 << 10);
    }
  }

  @Test
  void shouldKeepWhatIsSoundOfAnEarlierAttempt() throws IOException {
    Path data = data();
    Origin origin = MadeUp.origin(data, true);
    try (BatchReader source = BatchReader.open(data)) {
      int blocks = source.numBlocks();
      MadeUp.writePart(source, split(), origin, true, 1, 0, 0, 2, 4);
      MadeUp.writePart(source, split(), MadeUp.origin(data, false), false, 1, 1, 1, 3); // by other models
      UnfinishedSplit unfinished = new UnfinishedSplit(split(), origin.key());
      flip(UnfinishedSplit.part(split(), 1, 0).resolve("19700101.cq4"), "Käse xx");
      BitSet sound = unfinished.sound();
      assertEquals(2, sound.cardinality(), sound::toString);
      assertTrue(Files.notExists(UnfinishedSplit.part(split(), 1, 1)), "nothing in it was of use");
      assertEquals(2, unfinished.nextAttempt());

      int[] rest = IntStream.range(0, blocks).filter(i -> !sound.get(i)).toArray();
      MadeUp.writePart(source, split(), origin, true, 2, 0, rest);
      assertEquals(blocks, unfinished.sound().cardinality());
      MadeUp.finish(source, temporary.resolve("encoded"), origin);
      try (EncodedReader reader = EncodedReader.open(temporary.resolve("encoded"), Split.TRAIN)) {
        reader.verify(n -> {});
        for (int b = 0; b < blocks; b++) {
          check(b, source.block(b), reader.block(b), true);
        }
      }
    }
  }

  @Test
  void shouldReadNoTornRecord() throws IOException {
    Path data = data();
    Origin origin = MadeUp.origin(data, true);
    try (BatchReader source = BatchReader.open(data)) {
      MadeUp.writePart(source, split(), origin, true, 1, 0, 0, 1, 2);
      Path file = UnfinishedSplit.part(split(), 1, 0).resolve("19700101.cq4");
      long last = MadeUp.size(source, true).blockBytes() / source.numBlocks() / 2;
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(end(source, origin) - last);
      }
      BitSet sound = new UnfinishedSplit(split(), origin.key()).sound();
      assertTrue(sound.get(0) && sound.get(1) && !sound.get(2), sound::toString);
    }
  }

  /** Where the last block of the only part ends in its file. */
  private long end(BatchReader source, Origin origin) throws IOException {
    Path file = UnfinishedSplit.part(split(), 1, 0).resolve("19700101.cq4");
    byte[] bytes = Files.readAllBytes(file);
    byte[] truth = source.block(2).truth(7).getBytes(StandardCharsets.UTF_8);
    for (int at = bytes.length - truth.length; at >= 0; at--) {
      if (ByteBuffer.wrap(bytes, at, truth.length).equals(ByteBuffer.wrap(truth))) {
        return at + truth.length;
      }
    }
    throw new AssertionError(origin + ": no such truth in " + file);
  }

  private static void flip(Path file, String text) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    byte[] wanted = text.getBytes(StandardCharsets.UTF_8);
    for (int at = 0; at < bytes.length - wanted.length; at++) {
      if (ByteBuffer.wrap(bytes, at, wanted.length).equals(ByteBuffer.wrap(wanted))) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
          channel.write(ByteBuffer.wrap(new byte[] {(byte) (bytes[at] ^ 1)}), at);
        }
        return;
      }
    }
    throw new AssertionError("no " + text + " in " + file);
  }

  @Test
  void shouldNameTheDamagedBlock() throws IOException {
    Path data = data();
    try (BatchReader source = BatchReader.open(data)) {
      Path encoded = encoded(source, MadeUp.origin(data, true));
      flip(UnfinishedSplit.part(split(), 1, 1).resolve("19700101.cq4"), "Käse");
      try (EncodedReader reader = EncodedReader.open(encoded, Split.TRAIN)) {
        UserException e = assertThrows(UserException.class, () -> reader.verify(n -> {}));
        assertTrue(e.getMessage().contains("part-001-001") && e.getMessage().contains("CRC-32C"), e::getMessage);
      }
    }
  }

  @Test
  void shouldRefuseWhatIsNotOfItsOrigin() throws IOException {
    Path data = data();
    try (BatchReader source = BatchReader.open(data)) {
      Path encoded = encoded(source, MadeUp.origin(data, true));
      EncodedManifest manifest = EncodedManifest.read(encoded);
      Origin other = new Origin(data.toString(), manifest.origin().data(), "another", "text", "float32");
      EncodedManifest.of(other, MadeUp.BLOCK, manifest.splits()).write(encoded);
      refused(encoded, "made with other models");
      Files.writeString(
          encoded.resolve(EncodedManifest.FILE),
          Files.readString(encoded.resolve(EncodedManifest.FILE)).replace("another", "third"));
      refused(encoded, "key is");
    }
  }

  @Test
  void shouldRefuseFileThatIsCutShort() throws IOException {
    Path data = data();
    try (BatchReader source = BatchReader.open(data)) {
      Path encoded = encoded(source, MadeUp.origin(data, false));
      Path file = UnfinishedSplit.part(split(), 1, 0).resolve("19700101.cq4");
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(channel.size() - 5000);
      }
      refused(encoded, "truncated");
      Files.delete(file);
      refused(encoded, "missing");
    }
  }

  private static void refused(Path encoded, String part) {
    UserException e = assertThrows(UserException.class, () -> EncodedReader.open(encoded, Split.TRAIN));
    assertTrue(e.getMessage().contains(part), e::getMessage);
  }
}
