package kiln.model.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import kiln.bindings.UserException;
import kiln.model.graph.Shape;
import kiln.model.weights.SafetensorsWriter.Tensor;
import kiln.model.weights.SafetensorsWriter.Written;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SafetensorsChecksumsTest {
  /** More than two pieces, and no whole number of them. */
  private static final int LARGE = 2_621_473;

  @TempDir Path folder;
  private final Arena arena = Arena.ofConfined();
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("a.safetensors");
  }

  @AfterEach
  void free() {
    arena.close();
  }

  private Written writeSmall() {
    MemorySegment digits = MemorySegment.ofArray("123456789".getBytes(StandardCharsets.US_ASCII));
    return SafetensorsWriter.writeChecked(
        file,
        Map.of("format", "pt"),
        List.of(
            Tensor.f32("w", Shape.of(2, 3), arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1, 2, 3, 4, 5, 6)),
            new Tensor("digits", SafetensorsType.U8, Shape.of(9), digits),
            Tensor.f32("none", Shape.of(0), arena.allocate(0))));
  }

  @Test
  void shouldNoteTheChecksumOfEveryTensorInTheHeader() throws IOException {
    Written written = writeSmall();
    assertEquals(Files.size(file), written.bytes());
    assertEquals(written.headerCrc32c(), SafetensorsChecksums.headerCrc32c(file));
    SafetensorsChecksums.verify(file, written.headerCrc32c());
    try (SafetensorsFile open = SafetensorsFile.open(file)) {
      assertEquals(List.of("format", "crc32c:w", "crc32c:digits", "crc32c:none"), List.copyOf(open.metadata().keySet()));
      assertEquals("pt", open.metadata().get("format"));
      assertEquals("e3069283", open.metadata().get("crc32c:digits")); // the check value of CRC-32C, RFC 3720 and others
      assertEquals("00000000", open.metadata().get("crc32c:none"));
      assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, open.segment("w").toArray(ValueLayout.JAVA_FLOAT_UNALIGNED));
      assertEquals(0, open.tensors().get("w").offset() % 4);
    }
  }

  @Test
  void shouldWriteTheSameFileWhereverTheBytesComeFrom() throws IOException {
    byte[] bytes = new byte[LARGE];
    new Random(1).nextBytes(bytes);
    MemorySegment inMemory = arena.allocate(LARGE).copyFrom(MemorySegment.ofArray(bytes));
    TensorBytes made = (offset, into) -> MemorySegment.copy(inMemory, offset, into, 0, into.byteSize());
    Written[] written = new Written[3];
    byte[][] files = new byte[3][];
    TensorBytes[] sources = {TensorBytes.of(inMemory), TensorBytes.of(MemorySegment.ofArray(bytes)), made};
    for (int i = 0; i < sources.length; i++) {
      Tensor tensor = new Tensor("t", SafetensorsType.I8, Shape.of(LARGE), sources[i]);
      written[i] = SafetensorsWriter.writeChecked(file, Map.of(), List.of(tensor));
      SafetensorsChecksums.verify(file, written[i].headerCrc32c());
      files[i] = Files.readAllBytes(file);
      assertEquals(written[0], written[i]);
      assertArrayEquals(files[0], files[i]);
    }
    assertArrayEquals(bytes, Arrays.copyOfRange(files[0], files[0].length - LARGE, files[0].length));
  }

  @Test
  void shouldFindEveryFlippedBit() throws IOException {
    int header = writeSmall().headerCrc32c();
    byte[] good = Files.readAllBytes(file);
    int dataStart = 8 + (int) ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN).getLong();
    for (int bit = 0; bit < good.length * 8; bit++) {
      byte[] bad = good.clone();
      bad[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(file, bad);
      String message = assertThrows(UserException.class, () -> SafetensorsChecksums.verify(file, header)).getMessage();
      String expected = bit / 8 < dataStart ? "header" : bit / 8 < dataStart + 24 ? "tensor w: " : "tensor digits: ";
      assertTrue(message.startsWith(file + ": ") && message.contains(expected), message);
      assertTrue(message.contains("found ") && message.contains(", expected "), message);
      assertEquals(1, message.lines().count());
    }
    Files.write(file, good);
    assertDoesNotThrow(() -> SafetensorsChecksums.verify(file, header));
  }

  @Test
  void shouldFindEveryOtherLength() throws IOException {
    int header = writeSmall().headerCrc32c();
    byte[] good = Files.readAllBytes(file);
    for (int length = 0; length < good.length + 65; length += length == good.length - 1 ? 2 : 1) {
      Files.write(file, Arrays.copyOf(good, length));
      String message = assertThrows(UserException.class, () -> SafetensorsChecksums.verify(file, header)).getMessage();
      assertTrue(message.startsWith(file + ": ") && message.contains("expected"), message);
    }
    Files.delete(file);
    String message = assertThrows(UserException.class, () -> SafetensorsChecksums.verify(file, header)).getMessage();
    assertEquals(file + ": no such file, expected a safetensors file", message);
  }

  @Test
  void shouldFindAFlippedBitInALaterPiece() throws IOException {
    Tensor tensor = new Tensor("t", SafetensorsType.I8, Shape.of(LARGE), arena.allocate(LARGE));
    int header = SafetensorsWriter.writeChecked(file, Map.of(), List.of(tensor)).headerCrc32c();
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] = 1;
    Files.write(file, bytes);
    String message = assertThrows(UserException.class, () -> SafetensorsChecksums.verify(file, header)).getMessage();
    assertTrue(message.startsWith(file + ": tensor t: found CRC-32C "), message);
  }

  @Test
  void shouldSayThatAFileWasWrittenWithoutChecksums() {
    SafetensorsWriter.write(file, Map.of(), List.of(Tensor.f32("w", Shape.of(1), arena.allocate(4))));
    int header = SafetensorsChecksums.headerCrc32c(file);
    String message = assertThrows(UserException.class, () -> SafetensorsChecksums.verify(file, header)).getMessage();
    assertTrue(message.startsWith(file + ": tensor w: ") && message.endsWith("expected a note crc32c:w"), message);
  }

  @Test
  void shouldRefuseNotesThatLookLikeChecksums() {
    Map<String, String> notes = Map.of("crc32c:w", "00000000");
    assertThrows(IllegalArgumentException.class, () -> SafetensorsWriter.writeChecked(file, notes, List.of()));
    assertTrue(Files.notExists(file));
  }
}
