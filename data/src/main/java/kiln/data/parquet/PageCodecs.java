package kiln.data.parquet;

import io.airlift.compress.Decompressor;
import io.airlift.compress.lz4.Lz4Decompressor;
import io.airlift.compress.snappy.SnappyDecompressor;
import io.airlift.compress.zstd.ZstdDecompressor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.zip.GZIPInputStream;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.io.ParquetDecodingException;

/**
 * Decompresses pages. A page header says how large its page becomes; it is believed only as far as the codec could have made that
 * out of the bytes that there are, so that a damaged header cannot ask for much memory.
 *
 * @see <a href="https://parquet.apache.org/docs/file-format/data-pages/compression/">Parquet compression</a>
 */
final class PageCodecs {
  /** No page may become larger; writers aim at 1 MiB, and exceed it by one batch of values. */
  static final int MAX_PAGE = 1 << 30;

  private PageCodecs() {}

  static boolean isSupported(CompressionCodec codec) {
    return switch (codec) {
      case UNCOMPRESSED, SNAPPY, GZIP, ZSTD, LZ4_RAW -> true;
      case LZO, BROTLI, LZ4 -> false;
    };
  }

  /**
   * @param codec a supported one
   * @param size what it must become
   * @throws IOException if it becomes something else
   */
  static byte[] decompress(CompressionCodec codec, byte[] page, int from, int size) throws IOException {
    int length = page.length - from;
    if (size < 0 || size > MAX_PAGE || size > mostBytes(codec, length)) {
      throw new ParquetDecodingException("a page of " + length + " bytes cannot become " + size + " (" + codec + ")");
    }
    return switch (codec) {
      case UNCOMPRESSED -> copy(page, from, size);
      case SNAPPY -> snappy(page, from, size);
      case GZIP -> gunzip(page, from, size);
      case ZSTD -> decompress(new ZstdDecompressor(), page, from, size);
      case LZ4_RAW -> decompress(new Lz4Decompressor(), page, from, size);
      case LZO, BROTLI, LZ4 -> throw new IllegalArgumentException(codec.toString());
    };
  }

  /** Snappy copies 64 bytes by 3, LZ4 255 by 1, Deflate 258 by 2 bits, Zstandard 128 KiB by a block of 4 bytes. */
  private static long mostBytes(CompressionCodec codec, int length) {
    return switch (codec) {
      case UNCOMPRESSED -> length;
      case SNAPPY -> 64L * length;
      case LZ4_RAW -> 256L * length;
      case GZIP -> 1032L * length;
      case ZSTD -> 32768L * length;
      case LZO, BROTLI, LZ4 -> 0;
    };
  }

  private static byte[] copy(byte[] page, int from, int size) {
    if (page.length - from != size) {
      throw new ParquetDecodingException("a page of " + (page.length - from) + " bytes says that it has " + size);
    }
    if (from == 0) {
      return page;
    }
    byte[] rest = new byte[size];
    System.arraycopy(page, from, rest, 0, size);
    return rest;
  }

  private static byte[] snappy(byte[] page, int from, int size) throws IOException {
    if (SnappyDecompressor.getUncompressedLength(page, from) != size) {
      throw new ParquetDecodingException("a snappy page says that it becomes another size than its header, " + size);
    }
    return decompress(new SnappyDecompressor(), page, from, size);
  }

  private static byte[] decompress(Decompressor codec, byte[] page, int from, int size) {
    byte[] out = new byte[size];
    int made = codec.decompress(page, from, page.length - from, out, 0, size);
    if (made != size) {
      throw new ParquetDecodingException("a page became " + made + " bytes, its header says " + size);
    }
    return out;
  }

  private static byte[] gunzip(byte[] page, int from, int size) throws IOException {
    byte[] out = new byte[size];
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(page, from, page.length - from))) {
      int made = in.readNBytes(out, 0, size);
      if (made != size || in.read() >= 0) {
        throw new ParquetDecodingException("a gzip page became another size than its header says, " + size);
      }
    }
    return out;
  }
}
