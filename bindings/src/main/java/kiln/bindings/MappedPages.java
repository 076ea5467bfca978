package kiln.bindings;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Pages of files that are mapped into memory. */
public final class MappedPages {
  /** As in {@code native/checks/mapped_pages.c}. */
  static final int MADV_DONTNEED = 4;

  private static final MethodHandle GETPAGESIZE =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("getpagesize"), FunctionDescriptor.of(JAVA_INT));

  private MappedPages() {}

  /**
   * Says that {@code segment} will not be read soon: the pages that lie in it wholly stop counting as the process's memory until
   * they are read again, from the file. Does nothing unless the segment is a read-only mapping of a file, whose pages can be had
   * again.
   */
  public static void release(MemorySegment segment) {
    if (!segment.isMapped() || !segment.isReadOnly()) {
      return;
    }
    try {
      long page = (int) GETPAGESIZE.invokeExact();
      long first = (segment.address() + page - 1) / page * page;
      long end = (segment.address() + segment.byteSize()) / page * page;
      if (end > first) {
        SystemMemory.advise(MemorySegment.ofAddress(first), end - first, MADV_DONTNEED);
      }
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }
}
