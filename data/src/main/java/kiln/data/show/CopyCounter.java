package kiln.data.show;

/**
 * Counts how often contents repeat, by their hashes, in bounded memory: exactly while there are few different ones; then only
 * those whose hash ends in so many zeros that the table holds them, which is a fair choice of one in a power of two contents
 * with all their copies (adaptive sampling; Flajolet 1990).
 */
final class CopyCounter {
  private static final int FIRST_SLOTS = 1 << 12;

  private final int mostContents;
  private long[] hashes = new long[FIRST_SLOTS];
  private int[] counts = new int[FIRST_SLOTS]; // 0 where a slot is free
  private int contents;
  private int level;
  private long seen;

  /**
   * @param mostContents different contents that are remembered; each takes 24 bytes, and while the table grows 36
   */
  CopyCounter(int mostContents) {
    this.mostContents = mostContents;
  }

  void add(long hash) {
    seen++;
    if (isChosen(hash)) {
      put(hash, 1);
      while (contents > mostContents) {
        level++;
        rebuild(counts.length);
      }
      if (2 * contents > counts.length) {
        rebuild(2 * counts.length);
      }
    }
  }

  Copies summary() {
    long copies = 0;
    long repeated = 0;
    int largest = 0;
    for (int count : counts) {
      copies += Math.max(0, count - 1);
      repeated += count > 1 ? 1 : 0;
      largest = Math.max(largest, count);
    }
    return new Copies(seen, copies << level, repeated << level, largest, 1L << level);
  }

  private boolean isChosen(long hash) {
    return Long.numberOfTrailingZeros(hash) >= level;
  }

  private void put(long hash, int times) {
    int mask = counts.length - 1;
    int slot = (int) (hash >>> 32) & mask; // not the bits that choose
    while (counts[slot] != 0 && hashes[slot] != hash) {
      slot = (slot + 1) & mask;
    }
    if (counts[slot] == 0) {
      hashes[slot] = hash;
      contents++;
    }
    counts[slot] = (int) Math.min(Integer.MAX_VALUE, (long) counts[slot] + times);
  }

  private void rebuild(int slots) {
    long[] oldHashes = hashes;
    int[] oldCounts = counts;
    hashes = new long[slots];
    counts = new int[slots];
    contents = 0;
    for (int i = 0; i < oldCounts.length; i++) {
      if (oldCounts[i] != 0 && isChosen(oldHashes[i])) {
        put(oldHashes[i], oldCounts[i]);
      }
    }
  }
}
