package kiln.model.plan;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Parts of the flat regions that a {@link ParameterTable} lays out: those that a process keeps while others keep the rest.
 *
 * @param parts ascending and disjoint
 */
public record Slices(List<Slice> parts) {
  /**
   * A part, in bytes of a float32 region.
   *
   * @param offset a multiple of 4
   * @param bytes a multiple of 4, more than 0
   */
  public record Slice(long offset, long bytes) {
    public MemorySegment of(MemorySegment region) {
      return region.asSlice(offset, bytes);
    }

    long end() {
      return offset + bytes;
    }
  }

  public Slices {
    parts = List.copyOf(parts);
    long end = 0;
    for (Slice part : parts) {
      if (part.offset < end || part.bytes <= 0 || part.offset % Float.BYTES != 0 || part.bytes % Float.BYTES != 0) {
        throw new IllegalArgumentException("parts must be ascending, disjoint and of whole numbers: " + part + " after " + end);
      }
      end = part.end();
    }
  }

  /** All of them. */
  public static Slices all(ParameterTable table) {
    return new Slices(table.bytes() == 0 ? List.of() : List.of(new Slice(0, table.bytes())));
  }

  public long bytes() {
    return parts.stream().mapToLong(Slice::bytes).sum();
  }

  /** What of the range is in these parts, in order. */
  public List<Slice> within(long offset, long bytes) {
    List<Slice> inside = new ArrayList<>();
    for (int i = firstEndingAfter(offset); i < parts.size() && parts.get(i).offset < offset + bytes; i++) {
      long from = Math.max(offset, parts.get(i).offset);
      inside.add(new Slice(from, Math.min(offset + bytes, parts.get(i).end()) - from));
    }
    return inside;
  }

  /** What of the range is in none of these parts, in order. */
  public List<Slice> outside(long offset, long bytes) {
    List<Slice> gaps = new ArrayList<>();
    long at = offset;
    for (Slice inside : within(offset, bytes)) {
      if (inside.offset > at) {
        gaps.add(new Slice(at, inside.offset - at));
      }
      at = inside.end();
    }
    if (at < offset + bytes) {
      gaps.add(new Slice(at, offset + bytes - at));
    }
    return gaps;
  }

  private int firstEndingAfter(long offset) {
    int low = 0;
    int high = parts.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (parts.get(middle).end() > offset) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }
}
