package kiln.data.parquet;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.bytes.BytesUtils;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesReader;
import org.apache.parquet.io.ParquetDecodingException;

/**
 * Looks through pages before parquet's decoders do: those allocate what run lengths, counts and sizes inside a page ask for, which
 * in a damaged page can be 8 GB.
 *
 * @see <a href="https://parquet.apache.org/docs/file-format/data-pages/encodings/">Parquet encodings</a>
 */
final class PageChecks {
  /** Of eight values; the decoder makes 64 MiB of them. */
  private static final int MOST_GROUPS = 1 << 21;

  private PageChecks() {}

  /** A dictionary, always PLAIN: as many values as it says fit into its bytes. */
  static void dictionary(ColumnDescriptor column, byte[] page, int numValues) {
    int least =
        switch (column.getPrimitiveType().getPrimitiveTypeName()) {
          case BINARY, INT32, FLOAT -> 4;
          case INT64, DOUBLE -> 8;
          case INT96 -> 12;
          case FIXED_LEN_BYTE_ARRAY -> Math.max(1, column.getPrimitiveType().getTypeLength());
          case BOOLEAN -> throw new ParquetDecodingException("a dictionary of booleans");
        };
    check(numValues >= 0 && (long) least * numValues <= page.length, "dictionary of " + numValues + " values", page.length);
    if (column.getPrimitiveType().getPrimitiveTypeName().name().equals("BINARY")) {
      ByteBuffer in = ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < numValues; i++) {
        check(in.remaining() >= 4, "dictionary value " + i, in.remaining());
        int length = in.getInt();
        check(length >= 0 && length <= in.remaining(), "dictionary value of " + length + " bytes", in.remaining());
        in.position(in.position() + length);
      }
    }
  }

  /** A data page of version 1: levels, then values. */
  static void pageV1(
      ColumnDescriptor column, byte[] page, int numValues, Encoding repetition, Encoding definition, Encoding values) {
    ByteBuffer in = ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN);
    levelsV1(in, column.getMaxRepetitionLevel(), numValues, repetition);
    levelsV1(in, column.getMaxDefinitionLevel(), numValues, definition);
    values(in, numValues, values);
  }

  private static void levelsV1(ByteBuffer in, int maxLevel, int numValues, Encoding encoding) {
    int width = BytesUtils.getWidthFromMaxInt(maxLevel);
    if (encoding.name().equals("BIT_PACKED")) {
      long bytes = ((long) numValues * width + 7) / 8;
      check(bytes <= in.remaining(), "levels of " + bytes + " bytes", in.remaining());
      in.position(in.position() + (int) bytes);
    } else if (encoding != Encoding.RLE) {
      throw new ParquetDecodingException("levels in encoding " + encoding);
    } else if (width > 0) {
      prefixedRuns(in, numValues, width);
    }
  }

  private static void prefixedRuns(ByteBuffer in, int numValues, int width) {
    check(in.remaining() >= 4, "a length", in.remaining());
    int length = in.getInt();
    check(length >= 0 && length <= in.remaining(), "runs of " + length + " bytes", in.remaining());
    runs(in.slice(in.position(), length), numValues, width);
    in.position(in.position() + length);
  }

  /** Levels of a data page of version 2. */
  static void levelsV2(byte[] page, int from, int length, int numValues, int maxLevel) {
    if (maxLevel > 0) {
      runs(ByteBuffer.wrap(page, from, length), numValues, BytesUtils.getWidthFromMaxInt(maxLevel));
    }
  }

  /** The values of a data page. */
  static void values(ByteBuffer in, int numValues, Encoding encoding) {
    switch (encoding) {
      case PLAIN, BYTE_STREAM_SPLIT -> {} // Their decoders compare sizes with the bytes that there are.
      case PLAIN_DICTIONARY, RLE_DICTIONARY -> {
        if (in.hasRemaining()) {
          int width = in.get();
          check(width >= 0 && width <= 32, "ids of " + width + " bits", in.remaining());
          runs(in, numValues, width);
        }
      }
      case RLE -> prefixedRuns(in, numValues, 1);
      case DELTA_BINARY_PACKED, DELTA_LENGTH_BYTE_ARRAY -> deltas(in, numValues);
      case DELTA_BYTE_ARRAY -> {
        prefixLengths(in, numValues);
        deltas(in, numValues);
      }
      case BIT_PACKED -> throw new ParquetDecodingException("values in encoding " + encoding);
    }
  }

  /** Runs of equal values and groups of eight packed ones: no run of groups may need more bytes or values than there are. */
  private static void runs(ByteBuffer in, int numValues, int width) {
    while (in.hasRemaining()) {
      long header = varint(in);
      boolean packed = (header & 1) != 0;
      long groups = packed ? header >>> 1 : 0;
      long bytes = packed ? groups * width : (width + 7) / 8;
      // The last group of eight may be cut where its values end.
      check(groups <= MOST_GROUPS && groups * 8 < numValues + 8L, "a run of " + groups * 8 + " values", in.remaining());
      check(bytes < in.remaining() + Math.max(8L, width), "a run of " + bytes + " bytes", in.remaining());
      in.position((int) Math.min(in.limit(), in.position() + bytes));
    }
  }

  /** Blocks of differences; moves behind them. */
  private static void deltas(ByteBuffer in, int numValues) {
    long blockSize = varint(in);
    long numMiniBlocks = varint(in);
    long total = varint(in);
    boolean sane = blockSize > 0 && blockSize <= 1 << 20 && numMiniBlocks > 0 && blockSize % (numMiniBlocks * 8) == 0;
    check(sane, "delta blocks of " + blockSize + " values in " + numMiniBlocks, in.remaining());
    check(total <= numValues, "delta page of " + total + " values, its header says " + numValues, in.remaining());
    varint(in);
    int miniBlock = (int) (blockSize / numMiniBlocks);
    byte[] widths = new byte[(int) numMiniBlocks];
    for (long done = 1; done < total; ) {
      varint(in);
      check(in.remaining() >= widths.length, "widths", in.remaining());
      in.get(widths);
      for (int i = 0; i < widths.length && done < total; i++, done += miniBlock) {
        long bytes = (widths[i] & 0xffL) * (miniBlock / 8);
        check(widths[i] >= 0 && widths[i] <= 64 && bytes <= in.remaining(), "delta block of " + bytes, in.remaining());
        in.position(in.position() + (int) bytes);
      }
    }
  }

  /** What each value shares with the one before it cannot be longer than a page. */
  private static void prefixLengths(ByteBuffer in, int numValues) {
    ByteBuffer again = in.duplicate();
    deltas(in, numValues);
    DeltaBinaryPackingValuesReader lengths = new DeltaBinaryPackingValuesReader();
    try {
      long total = deltaCount(again.duplicate());
      lengths.initFromPage(numValues, ByteBufferInputStream.wrap(again));
      long longest = in.remaining();
      for (int i = 0; i < total; i++) {
        long length = lengths.readLong();
        check(length >= 0 && length <= longest, "shared prefix of " + length + " bytes", in.remaining());
      }
    } catch (IOException e) {
      throw new ParquetDecodingException("prefix lengths", e);
    }
  }

  private static long deltaCount(ByteBuffer in) {
    varint(in);
    varint(in);
    return varint(in);
  }

  /** Unsigned, seven bits a byte, lowest first. */
  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      check(in.hasRemaining(), "a number", 0);
      byte b = in.get();
      value |= (b & 0x7fL) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw new ParquetDecodingException("a number of more than ten bytes");
  }

  private static void check(boolean holds, String what, int left) {
    if (!holds) {
      throw new ParquetDecodingException(what + ", " + left + " bytes are left");
    }
  }
}
