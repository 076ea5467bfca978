package kiln.launcher.ranks;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Lists of processors as Linux writes them: {@code 0-3,8,10-11}; see cpuset(7), List format. */
public final class CpuList {
  private static final int MOST = 1 << 16;

  private CpuList() {}

  /** What is no list has none. */
  public static BitSet parse(String text) {
    BitSet all = new BitSet();
    for (String range : text.strip().split(",")) {
      if (range.matches("\\d{1,5}(-\\d{1,5})?")) {
        String[] ends = range.split("-");
        all.set(Integer.parseInt(ends[0]), Math.min(MOST, Integer.parseInt(ends[ends.length - 1]) + 1));
      }
    }
    return all;
  }

  /** As {@link #parse} reads it. */
  public static String text(BitSet all) {
    List<String> ranges = new ArrayList<>();
    for (int first = all.nextSetBit(0); first >= 0; ) {
      int end = all.nextClearBit(first);
      ranges.add(end - first == 1 ? Integer.toString(first) : first + "-" + (end - 1));
      first = all.nextSetBit(end);
    }
    return String.join(",", ranges);
  }
}
