package kiln.data.queue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.zip.CRC32C;

/**
 * What all records have in common: little-endian numbers, sections that start on multiples of 64 bytes, a CRC-32C of everything
 * but itself, and texts one behind the other, found by their offsets.
 */
public final class RecordBytes {
  public static final int ALIGNMENT = 64;
  public static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
  public static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

  private RecordBytes() {}

  /** The first multiple of {@value #ALIGNMENT} from there on. */
  public static long align(long offset) {
    return (offset + ALIGNMENT - 1) & -ALIGNMENT;
  }

  /**
   * Whether memory begins as a record of a kind and version does: eight bytes of magic, then the version.
   *
   * @param kind for the message, as in {@code a block}
   * @throws MalformedRecordException saying what was found
   */
  public static void checkStart(MemorySegment memory, long headerBytes, long magic, int version, String kind)
      throws MalformedRecordException {
    if (memory.byteSize() < headerBytes) {
      throw new MalformedRecordException("truncated: " + memory.byteSize() + " bytes of its header");
    }
    if (memory.get(LONG, 0) != magic) {
      throw new MalformedRecordException("not " + kind + ": its magic bytes are missing");
    }
    int found = memory.get(INT, Long.BYTES);
    if (found != version) {
      throw new MalformedRecordException("has layout version " + found + ", expected " + version);
    }
  }

  /**
   * The CRC-32C of a record with the field that holds it zero.
   *
   * @param at where that field is, an int32
   */
  public static int crc(MemorySegment record, long at) {
    CRC32C crc = new CRC32C();
    crc.update(record.asSlice(0, at).asByteBuffer());
    crc.update(new byte[Integer.BYTES], 0, Integer.BYTES);
    crc.update(record.asSlice(at + Integer.BYTES).asByteBuffer());
    return (int) crc.getValue();
  }

  /**
   * A copy of the bytes {@code offsets[i] .. offsets[i + 1]} of a section.
   *
   * @param offsets where the offsets are, int32
   * @param section where the texts are, up to {@code end}
   * @throws IndexOutOfBoundsException if the offsets lead out of the section
   */
  public static byte[] text(MemorySegment record, long offsets, long section, long end, int i) {
    int from = record.get(INT, offsets + (long) Integer.BYTES * i);
    int to = record.get(INT, offsets + Integer.BYTES * (i + 1L));
    Objects.checkFromToIndex(from, to, end - section);
    return record.asSlice(section + from, to - from).toArray(ValueLayout.JAVA_BYTE);
  }
}
