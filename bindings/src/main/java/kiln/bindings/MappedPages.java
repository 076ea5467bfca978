package kiln.bindings;

import java.lang.foreign.MemorySegment;

/** Pages of files that are mapped into memory. */
public final class MappedPages {
  private MappedPages() {}

  /**
   * Says that {@code segment} will not be read soon: the pages that lie in it wholly stop counting as the process's memory until
   * they are read again, from the file. Does nothing unless the segment is a read-only mapping of a file, whose pages can be had
   * again.
   */
  public static void release(MemorySegment segment) {
    if (segment.isMapped() && segment.isReadOnly()) {
      SystemMemory.giveBack(segment);
    }
  }
}
