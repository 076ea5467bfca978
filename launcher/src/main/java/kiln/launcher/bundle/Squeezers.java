package kiln.launcher.bundle;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import kiln.bindings.UserException;
import org.tukaani.xz.FilterOptions;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.X86Options;
import org.tukaani.xz.XZ;
import org.tukaani.xz.XZOutputStream;

/** The ways of compressing an archive, by the ending of its name. */
final class Squeezers {
  static final String XZ_ENDING = ".tar.xz";
  static final String GZIP_ENDING = ".tar.gz";

  /** Bytes that xz looks back: unpacking needs as much memory. */
  private static final int DICTIONARY = 32 << 20;

  private static final int PRESET = 6;

  /** Of the byte before, for literals: all that LZMA2 allows, half a percent smaller than its usual 3. */
  private static final int CONTEXT_BITS = LZMA2Options.LC_LP_MAX;

  private Squeezers() {}

  /**
   * @throws UserException if the name has another ending
   */
  static void check(Path archive) {
    String name = archive.getFileName().toString();
    if (!name.endsWith(XZ_ENDING) && !name.endsWith(GZIP_ENDING)) {
      throw new UserException("option --output: expected a name that ends in " + XZ_ENDING + " or " + GZIP_ENDING + ", found " + name);
    }
  }

  static BundleArchive.Squeezer of(Path archive, OutputStream file) throws IOException {
    return archive.getFileName().toString().endsWith(XZ_ENDING) ? new Xz(file) : new Gzip(file);
  }

  private static final class Counter extends FilterOutputStream {
    private long count;

    Counter(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int b) throws IOException {
      out.write(b);
      count++;
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      out.write(bytes, from, length);
      count += length;
    }
  }

  private static final class Xz implements BundleArchive.Squeezer {
    private final Counter counter;
    private final LZMA2Options plain = new LZMA2Options(PRESET);
    private final XZOutputStream stream;

    Xz(OutputStream file) throws IOException {
      counter = new Counter(file);
      plain.setDictSize(DICTIONARY);
      plain.setNiceLen(LZMA2Options.NICE_LEN_MAX);
      plain.setLcLp(CONTEXT_BITS, 0);
      stream = new XZOutputStream(counter, plain, XZ.CHECK_CRC64);
    }

    @Override
    public OutputStream stream() {
      return stream;
    }

    @Override
    public void expect(boolean code) throws IOException {
      stream.updateFilters(code ? new FilterOptions[] {new X86Options(), plain} : new FilterOptions[] {plain});
    }

    @Override
    public void endBlock() throws IOException {
      stream.endBlock();
    }

    @Override
    public long written() {
      return counter.count;
    }
  }

  private static final class Gzip implements BundleArchive.Squeezer {
    private final Counter counter;
    private final GZIPOutputStream stream;

    Gzip(OutputStream file) throws IOException {
      counter = new Counter(file);
      stream =
          new GZIPOutputStream(counter, 1 << 16, true) {
            {
              def.setLevel(Deflater.BEST_COMPRESSION);
            }
          };
    }

    @Override
    public OutputStream stream() {
      return stream;
    }

    @Override
    public void expect(boolean code) {} // one way for everything

    @Override
    public void endBlock() throws IOException {
      stream.flush();
    }

    @Override
    public long written() {
      return counter.count;
    }
  }
}
