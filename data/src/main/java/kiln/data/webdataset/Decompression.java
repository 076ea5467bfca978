package kiln.data.webdataset;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HexFormat;
import kiln.data.input.InputException;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/** Tells by the first bytes how a file is compressed, whatever its name. */
final class Decompression {
  private static final int BUFFER = 1 << 16;
  private static final int MAGIC = 6;

  /** Of xz, whose dictionary is as large as a file says: enough for {@code xz -9}. */
  private static final int MEMORY_KIB = 128 << 10;

  private Decompression() {}

  /**
   * The bytes as they were before gzip, xz or bzip2; others unchanged.
   *
   * @throws InputException if it is compressed in another way that is known here
   */
  static InputStream of(InputStream packed, String location) throws IOException {
    BufferedInputStream buffered = new BufferedInputStream(packed, BUFFER);
    buffered.mark(MAGIC);
    byte[] start = buffered.readNBytes(MAGIC);
    buffered.reset();
    if (startsWith(start, "1f8b")) {
      return GzipCompressorInputStream.builder().setInputStream(buffered).setDecompressConcatenated(true).get();
    }
    if (startsWith(start, "fd377a585a00")) {
      return XZCompressorInputStream.builder()
          .setInputStream(buffered)
          .setDecompressConcatenated(true)
          .setMemoryLimitKiB(MEMORY_KIB)
          .get();
    }
    if (startsWith(start, "425a68")) {
      return new BZip2CompressorInputStream(buffered, true);
    }
    if (startsWith(start, "28b52ffd")) {
      throw InputException.lasting(
          InputException.UNREADABLE, location, "is compressed by zstd; expected tar, or tar in gzip, xz or bzip2");
    }
    return buffered;
  }

  private static boolean startsWith(byte[] start, String magic) {
    byte[] wanted = HexFormat.of().parseHex(magic);
    return start.length >= wanted.length && Arrays.equals(start, 0, wanted.length, wanted, 0, wanted.length);
  }
}
