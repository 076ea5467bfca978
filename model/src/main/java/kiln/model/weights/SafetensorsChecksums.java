package kiln.model.weights;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import kiln.bindings.UserException;

/**
 * Finds damage in files that {@link SafetensorsWriter#writeChecked} wrote: the header, whose CRC-32C the caller knows, holds that
 * of every tensor, so that no byte of the file is unprotected.
 */
public final class SafetensorsChecksums {
  /** What the name of a checksum's note starts with; the tensor's name follows. */
  static final String NOTE = "crc32c:";

  private static final long PIECE = 1L << 20;

  private SafetensorsChecksums() {}

  /**
   * Reads every byte of a file, once, and none of it into memory that stays.
   *
   * @param headerCrc32c that the writer returned
   * @throws UserException if one bit of header or tensors differs, the file is shorter or longer than it was, or cannot be read;
   *     the message names the file, the tensor where it is one's, what was found and what was expected
   */
  public static void verify(Path file, int headerCrc32c) {
    int found = headerCrc32c(file);
    if (found != headerCrc32c) {
      throw damaged(file, "header", found, hex(headerCrc32c));
    }
    try (SafetensorsFile open = SafetensorsFile.open(file);
        Arena arena = Arena.ofConfined()) {
      MemorySegment piece = arena.allocate(PIECE);
      List<TensorEntry> entries = open.tensors().values().stream().sorted(Comparator.comparingLong(TensorEntry::offset)).toList();
      for (TensorEntry entry : entries) {
        String expected = open.metadata().get(NOTE + entry.name());
        int checksum = crc32c(open.bytes(entry.name()), entry.bytes(), piece);
        if (!hex(checksum).equals(expected)) {
          throw damaged(file, "tensor " + entry.name(), checksum, expected == null ? "a note " + NOTE + entry.name() : expected);
        }
      }
    }
  }

  private static int crc32c(TensorBytes bytes, long total, MemorySegment piece) {
    CRC32C checksum = new CRC32C();
    for (long at = 0; at < total; at += PIECE) {
      MemorySegment part = piece.asSlice(0, Math.min(PIECE, total - at));
      bytes.read(at, part);
      checksum.update(part.asByteBuffer());
    }
    return (int) checksum.getValue();
  }

  private static UserException damaged(Path file, String what, int found, String expected) {
    return new UserException(file + ": " + what + ": found CRC-32C " + hex(found) + ", expected " + expected);
  }

  /**
   * The CRC-32C of a file's header: the 8 bytes of its length, the JSON and its padding. No tensor is read.
   *
   * @throws UserException if the file is absent or unreadable, or too short for the header
   */
  public static int headerCrc32c(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      ByteBuffer start = ByteBuffer.allocate(SafetensorsHeader.LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      if (!fill(channel, start)) {
        throw new UserException(file + ": found " + size + " bytes, expected a safetensors file");
      }
      long length = start.getLong(0);
      if (length < 0 || length > Math.min(SafetensorsHeader.MAX_HEADER_BYTES, size - SafetensorsHeader.LENGTH_BYTES)) {
        String found = "header length " + Long.toUnsignedString(length) + " in a file of " + size + " bytes";
        throw new UserException(file + ": found " + found + ", expected a header that fits");
      }
      ByteBuffer json = ByteBuffer.allocate((int) length);
      if (!fill(channel, json)) {
        throw new UserException(file + ": found the end of the file in its header, expected " + length + " bytes of it");
      }
      CRC32C checksum = new CRC32C();
      checksum.update(start.array());
      checksum.update(json.array());
      return (int) checksum.getValue();
    } catch (NoSuchFileException e) {
      throw new UserException(file + ": no such file, expected a safetensors file", e);
    } catch (IOException e) {
      throw new UserException(file + ": cannot be read (" + e.getMessage() + "), expected a safetensors file", e);
    }
  }

  private static boolean fill(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      if (channel.read(bytes) < 0) {
        return false;
      }
    }
    return true;
  }

  /** The notes of a file: others, and one per tensor. */
  static Map<String, String> notes(Map<String, String> others, Map<String, Integer> checksums) {
    Map<String, String> notes = new LinkedHashMap<>(others);
    checksums.forEach((tensor, checksum) -> notes.put(NOTE + tensor, hex(checksum)));
    return notes;
  }

  /** Always 8 digits. */
  private static String hex(int checksum) {
    return HexFormat.of().toHexDigits(checksum);
  }
}
