package kiln.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.FileSystemException;
import java.nio.file.Path;

/**
 * Room on the disk for a part of a file that is about to be written through mapped memory: {@code posix_fallocate} of POSIX. A
 * process that stores into a mapped page for which a full disk has no room is sent SIGBUS; what has been reserved can be stored.
 * Where a file system cannot reserve, the C library writes the pages instead, which comes to the same.
 */
public final class FileRoom implements AutoCloseable {
  // The values of Linux; native/checks/file_room.c compares them with the system's headers.
  static final int O_RDWR = 2;
  static final int O_CREAT = 64;
  static final int O_CLOEXEC = 524288;
  private static final int MODE = 0644;
  static final int EINTR = 4;
  static final int EFBIG = 27;
  static final int ENOSPC = 28;
  static final int EDQUOT = 122;

  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  /** int open(const char *pathname, int flags, ... mode_t mode) */
  private static final MethodHandle OPEN =
      function(
          "open",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
          Linker.Option.firstVariadicArg(2),
          Linker.Option.captureCallState("errno"));

  /** int close(int fd) */
  private static final MethodHandle CLOSE = function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  /** int posix_fallocate(int fd, off_t offset, off_t len); returns the error, not errno */
  private static final MethodHandle POSIX_FALLOCATE =
      function("posix_fallocate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));

  private final Path file;
  private final int descriptor;
  private boolean closed;

  private FileRoom(Path file, int descriptor) {
    this.file = file;
    this.descriptor = descriptor;
  }

  private static MethodHandle function(String name, FunctionDescriptor descriptor, Linker.Option... options) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor, options);
  }

  /**
   * @param file made if it is not there
   * @throws FileSystemException if it cannot be opened for writing
   */
  public static FileRoom of(Path file) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment name = arena.allocateFrom(file.toAbsolutePath().toString());
      int descriptor = (int) OPEN.invokeExact(state, name, O_RDWR | O_CREAT | O_CLOEXEC, MODE);
      if (descriptor < 0) {
        throw failure(file, (int) ERRNO.get(state, 0L));
      }
      return new FileRoom(file, descriptor);
    } catch (IOException e) {
      throw e;
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /**
   * Makes sure that {@code bytes} from {@code offset} on can be written. What is there stays; what is not there reads as zeros, and
   * the file becomes as long as that.
   *
   * @throws FileSystemException if the disk is full, a quota is used up, or the file would be too large; {@link
   *     FileSystemException#getReason} says which
   */
  public void reserve(long offset, long bytes) throws IOException {
    int error;
    try {
      do {
        error = (int) POSIX_FALLOCATE.invokeExact(descriptor, offset, bytes);
      } while (error == EINTR);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
    if (error != 0) {
      throw failure(file, error);
    }
  }

  private static FileSystemException failure(Path file, int error) {
    String reason =
        switch (error) {
          case ENOSPC -> "the disk is full";
          case EDQUOT -> "the disk quota is used up";
          case EFBIG -> "the file would be larger than its file system or a limit (ulimit -f) allows";
          default -> "errno " + error;
        };
    return new FileSystemException(file.toString(), null, reason);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      try {
        int _ = (int) CLOSE.invokeExact(descriptor); // nothing was written through it that could be lost
      } catch (Throwable thrown) {
        throw NativeLibraries.unexpected(thrown);
      }
    }
  }
}
