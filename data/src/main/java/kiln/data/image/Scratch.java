package kiln.data.image;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;

/** Native memory of a thread that is used again for the next picture: new pages cost more than what is done with them. */
final class Scratch {
  /** What it is for; one of each is in use at a time. */
  enum Use {
    FILE,
    PIXELS,
    PLANES,
    TABLES,
    RESIZE,
    RESIZED
  }

  /** More than this is given back after use. */
  private static final long KEPT = 64L << 20;

  private static final ThreadLocal<Map<Use, MemorySegment>> SEGMENTS = ThreadLocal.withInitial(() -> new EnumMap<>(Use.class));

  private Scratch() {}

  /** Memory of any contents, aligned to 64, valid until the thread asks again for the same use. */
  static MemorySegment get(Use use, long bytes) {
    Map<Use, MemorySegment> mine = SEGMENTS.get();
    MemorySegment kept = mine.get(use);
    if (kept == null || kept.byteSize() < bytes) {
      kept = Arena.ofAuto().allocate(Math.max(bytes, 1), 64);
      if (bytes <= KEPT) {
        mine.put(use, kept);
      }
    }
    return kept.asSlice(0, bytes);
  }

  /** A copy of bytes. */
  static MemorySegment copy(Use use, byte[] bytes) {
    MemorySegment copy = get(use, bytes.length);
    MemorySegment.copy(MemorySegment.ofArray(bytes), 0, copy, 0, bytes.length);
    return copy;
  }
}
