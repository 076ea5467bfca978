package kiln.model.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Lays intermediates with known lifetimes into one region: largest first, each at the offset of the tightest gap left by those
 * already placed that live at the same time (best fit).
 */
final class MemoryPlanner {
  static final long ALIGNMENT = 64;

  /** A tensor that exists from launch {@code first} to launch {@code last}, both inclusive. */
  static final class Block {
    final long bytes;
    final int first;
    int last;
    long offset = -1;

    Block(long bytes, int first) {
      this.bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
      this.first = first;
      this.last = first;
    }

    private boolean overlaps(Block other) {
      return first <= other.last && other.first <= last;
    }
  }

  private MemoryPlanner() {}

  /**
   * Sets the offset of every block.
   *
   * @return bytes of the region
   */
  static long place(List<Block> blocks) {
    List<Block> order = new ArrayList<>(blocks);
    order.sort(Comparator.comparingLong((Block b) -> b.bytes).reversed().thenComparingInt(b -> b.first));
    List<Block> placed = new ArrayList<>(); // by offset
    long total = 0;
    for (Block block : order) {
      block.offset = bestGap(block, placed);
      total = Math.max(total, block.offset + block.bytes);
      int at = 0;
      while (at < placed.size() && placed.get(at).offset <= block.offset) {
        at++;
      }
      placed.add(at, block);
    }
    return total;
  }

  private static long bestGap(Block block, List<Block> placed) {
    long best = -1;
    long bestSize = Long.MAX_VALUE;
    long end = 0;
    for (Block other : placed) {
      if (!other.overlaps(block)) {
        continue;
      }
      long gap = other.offset - end;
      if (gap >= block.bytes && gap < bestSize) {
        best = end;
        bestSize = gap;
      }
      end = Math.max(end, other.offset + other.bytes);
    }
    return best >= 0 ? best : end;
  }
}
