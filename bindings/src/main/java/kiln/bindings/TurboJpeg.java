package kiln.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * A decoder of libjpeg-turbo's TurboJPEG API, if the system has that library (Debian package libturbojpeg0). For one thread.
 */
public final class TurboJpeg implements AutoCloseable {
  /** What the system's loader looks for. */
  public static final String FILE = "libturbojpeg.so.0";

  /** Where to get it. */
  public static final String PACKAGE = "libturbojpeg0";

  private static final String LIBRARY = "libturbojpeg";

  // native/checks/turbojpeg.c compares these and the signatures below with turbojpeg.h.
  private static final int TJPF_RGB = 0;
  private static final int TJPF_CMYK = 11;
  private static final int TJCS_CMYK = 3;
  private static final int TJCS_YCCK = 4;
  private static final int TJERR_WARNING = 0;
  private static final int TJFLAG_LIMITSCANS = 32768;

  private final MemorySegment handle;

  /**
   * What a file says of itself.
   *
   * @param cmyk whether it decodes to four bytes per pixel, cyan, magenta, yellow, black, instead of red, green, blue
   */
  public record Header(int height, int width, boolean cmyk) {}

  /** The library and its functions, looked for when first wanted. */
  private static final class Library {
    static final Optional<SymbolLookup> SYMBOLS = open();

    static final MethodHandle INIT_DECOMPRESS = function("tjInitDecompress", FunctionDescriptor.of(ADDRESS));
    static final MethodHandle DECOMPRESS_HEADER3 =
        function(
            "tjDecompressHeader3",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, ADDRESS));
    static final MethodHandle DECOMPRESS2 =
        function(
            "tjDecompress2",
            FunctionDescriptor.of(
                JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    static final MethodHandle GET_ERROR_STR2 = function("tjGetErrorStr2", FunctionDescriptor.of(ADDRESS, ADDRESS));
    static final MethodHandle GET_ERROR_CODE = function("tjGetErrorCode", FunctionDescriptor.of(JAVA_INT, ADDRESS));
    static final MethodHandle DESTROY = function("tjDestroy", FunctionDescriptor.of(JAVA_INT, ADDRESS));

    private static Optional<SymbolLookup> open() {
      try {
        return Optional.of(SymbolLookup.libraryLookup(FILE, Arena.global()));
      } catch (IllegalArgumentException _) { // how an absent library shows
        return Optional.empty();
      }
    }

    private static MethodHandle function(String name, FunctionDescriptor descriptor) {
      return SYMBOLS
          .map(symbols -> Linker.nativeLinker().downcallHandle(symbols.findOrThrow(name), descriptor))
          .orElse(null);
    }
  }

  private TurboJpeg(MemorySegment handle) {
    this.handle = handle;
  }

  /** Whether the system has the library. */
  public static boolean isAvailable() {
    return Library.SYMBOLS.isPresent();
  }

  /**
   * @throws IllegalStateException if it {@link #isAvailable is not there}
   */
  public static TurboJpeg open() {
    if (!isAvailable()) {
      throw new IllegalStateException(FILE + " is not there");
    }
    try {
      MemorySegment handle = (MemorySegment) Library.INIT_DECOMPRESS.invokeExact();
      if (handle.address() == 0) {
        throw new OutOfMemoryError("tjInitDecompress");
      }
      return new TurboJpeg(handle);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /**
   * @param file in native memory
   * @throws NativeException if the library cannot read it
   */
  public Header header(MemorySegment file) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment found = arena.allocate(JAVA_INT, 4);
      int status =
          (int) Library.DECOMPRESS_HEADER3.invokeExact(
              handle, file, file.byteSize(), found, found.asSlice(4), found.asSlice(8), found.asSlice(12));
      if (status != 0 && isFatal()) {
        throw new NativeException(LIBRARY, "tjDecompressHeader3", status, message());
      }
      int space = found.getAtIndex(JAVA_INT, 3);
      boolean cmyk = space == TJCS_CMYK || space == TJCS_YCCK;
      return new Header(found.getAtIndex(JAVA_INT, 1), found.getAtIndex(JAVA_INT, 0), cmyk);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /**
   * Decodes all of a file, as large as it is or at a half, a quarter or an eighth of that, rounded up.
   *
   * @param file in native memory
   * @param target uint8 [height, width, 3], or [height, width, 4] for CMYK as the file stores it, in native memory
   * @return the library's first warning, empty if it had none
   * @throws NativeException if the library cannot read it, or it has more than the library's limit of 500 scans
   */
  public Optional<String> decode(MemorySegment file, MemorySegment target, int height, int width, boolean cmyk) {
    int format = cmyk ? TJPF_CMYK : TJPF_RGB;
    int pitch = Math.multiplyExact(width, cmyk ? 4 : 3);
    if (target.byteSize() < (long) pitch * height) {
      throw new IllegalArgumentException("target=" + target.byteSize() + " bytes, expected " + (long) pitch * height);
    }
    try {
      int status =
          (int) Library.DECOMPRESS2.invokeExact(
              handle, file, file.byteSize(), target, width, pitch, height, format, TJFLAG_LIMITSCANS);
      if (status == 0) {
        return Optional.empty();
      }
      if (isFatal()) {
        throw new NativeException(LIBRARY, "tjDecompress2", status, message());
      }
      return Optional.of(message());
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  private boolean isFatal() throws Throwable {
    return (int) Library.GET_ERROR_CODE.invokeExact(handle) != TJERR_WARNING;
  }

  private String message() throws Throwable {
    MemorySegment text = (MemorySegment) Library.GET_ERROR_STR2.invokeExact(handle);
    return text.reinterpret(Long.MAX_VALUE).getString(0);
  }

  @Override
  public void close() {
    try {
      int _ = (int) Library.DESTROY.invokeExact(handle);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }
}
