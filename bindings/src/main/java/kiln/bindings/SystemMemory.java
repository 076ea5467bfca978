package kiln.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * Memory straight from the operating system: anonymous pages, zero at first, that take room only once they are written. An
 * arena's own allocation writes zeros to all of it, and so takes all of its room at once.
 */
final class SystemMemory {
  // The values of Linux; native/checks/system_memory.c compares them with the system's headers.
  static final int PROT_READ = 1;
  static final int PROT_WRITE = 2;
  static final int MAP_PRIVATE = 2;
  static final int MAP_ANONYMOUS = 32;
  static final int MAP_NORESERVE = 16384;
  static final int MADV_DONTNEED = 4;
  static final int MADV_HUGEPAGE = 14;
  static final int MADV_NOHUGEPAGE = 15;
  static final long MAP_FAILED = -1;
  static final int ENOMEM = 12;

  /** Size of the pages that hold most at once; only memory that begins and ends at multiples of it can be made of them. */
  private static final long HUGE_PAGE = 2 << 20;

  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  /** void *mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset) */
  static final MethodHandle MMAP =
      function("mmap", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));

  /** int munmap(void *addr, size_t length) */
  static final MethodHandle MUNMAP = function("munmap", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));

  /** int madvise(void *addr, size_t length, int advice) */
  static final MethodHandle MADVISE = function("madvise", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

  /** int getpagesize(void) */
  private static final MethodHandle GETPAGESIZE =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("getpagesize"), FunctionDescriptor.of(JAVA_INT));

  private SystemMemory() {}

  private static MethodHandle function(String name, FunctionDescriptor descriptor) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name), descriptor, Linker.Option.captureCallState("errno"));
  }

  /**
   * {@code bytes} zero bytes, given back when {@code arena} closes. From {@value #HUGE_PAGE} bytes on they begin at a multiple of
   * that, and the system is asked for large pages, which cost fewer misses of the translation cache; it may give small ones.
   *
   * @throws OutOfMemoryError if the system does not give that much; the message names {@code what}
   */
  static MemorySegment allocate(String what, long bytes, Arena arena) {
    if (bytes < HUGE_PAGE) {
      return map(what, bytes, 0, 0, arena);
    }
    MemorySegment whole = map(what, bytes, HUGE_PAGE, 0, arena);
    MemorySegment aligned = whole.asSlice(Math.floorMod(-whole.address(), HUGE_PAGE), bytes);
    advise(aligned, bytes, MADV_HUGEPAGE); // a refusal leaves small pages, which serve too
    return aligned;
  }

  /**
   * {@code bytes} zero bytes of which only a part will be there at a time: nothing is set aside for the rest, and pages are
   * small, so that what lies between two of them can be given back.
   *
   * @throws OutOfMemoryError if the system has not that many addresses; the message names {@code what}
   */
  static MemorySegment reserve(String what, long bytes, Arena arena) {
    MemorySegment pages = map(what, bytes, 0, MAP_NORESERVE, arena);
    advise(pages, pages.byteSize(), MADV_NOHUGEPAGE);
    return pages;
  }

  private static MemorySegment map(String what, long bytes, long spare, int flags, Arena arena) {
    long mapped = Math.max(1, Math.addExact(bytes, spare)); // nothing cannot be mapped
    try (Arena local = Arena.ofConfined()) {
      MemorySegment state = local.allocate(STATE);
      int all = MAP_PRIVATE | MAP_ANONYMOUS | flags;
      MemorySegment pages =
          (MemorySegment) MMAP.invokeExact(state, MemorySegment.NULL, mapped, PROT_READ | PROT_WRITE, all, -1, 0L);
      if (pages.address() == MAP_FAILED) {
        throw outOfMemory(what, bytes, (int) ERRNO.get(state, 0L));
      }
      return pages.reinterpret(mapped, arena, SystemMemory::unmap).asSlice(0, bytes + spare);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /**
   * Gives back the pages that lie wholly in {@code segment}: they take no room until they are next used, and then hold what their
   * file has, or zeros if they are anonymous.
   */
  static void giveBack(MemorySegment segment) {
    long page = pageSize();
    long first = (segment.address() + page - 1) / page * page;
    long end = (segment.address() + segment.byteSize()) / page * page;
    if (end > first) {
      advise(MemorySegment.ofAddress(first), end - first, MADV_DONTNEED);
    }
  }

  private static long pageSize() {
    try {
      return (int) GETPAGESIZE.invokeExact();
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** Tells the system how {@code bytes} from {@code place} on will be used; only advice, so that a refusal is no error. */
  static void advise(MemorySegment place, long bytes, int advice) {
    try (Arena local = Arena.ofConfined()) {
      int _ = (int) MADVISE.invokeExact(local.allocate(STATE), place, bytes, advice);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  private static OutOfMemoryError outOfMemory(String what, long bytes, int errno) {
    String reason = errno == ENOMEM ? "the system has no more" : "errno " + errno;
    return new OutOfMemoryError(what + ": " + bytes + " bytes cannot be had (" + reason + ")");
  }

  private static void unmap(MemorySegment whole) {
    try (Arena local = Arena.ofConfined()) {
      MemorySegment state = local.allocate(STATE);
      int status = (int) MUNMAP.invokeExact(state, whole, whole.byteSize());
      if (status != 0) {
        throw new NativeException("libc", "munmap", (int) ERRNO.get(state, 0L), whole.byteSize() + " bytes");
      }
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }
}
