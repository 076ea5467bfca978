package kiln.data.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Byte-pair encoding (Sennrich et al. 2016) over bytes (Radford et al. 2019): a word starts as one token per byte, the last of
 * which is marked as the end, and neighbours merge, those first whose pair was learned first.
 */
final class BytePairs {
  /** A token and how many bytes it stands for. */
  record Token(int id, int numBytes) {}

  /** The neighbours at {@code left} and {@code right} as they were when they became neighbours. */
  private record Pair(int rank, int left, int right, int numBytes) {}

  private record Merge(int rank, int id) {}

  private static final int NONE = -1;

  /** What marks the token that ends a word. */
  private static final String END = "</w>";

  private final int[] inside = new int[256];
  private final int[] last = new int[256];
  private final Map<Long, Merge> merges = new HashMap<>();

  /**
   * @param ids of the tokens, by their spelling, in which every byte is one letter (see {@link #letters})
   * @param pairs in the order in which they were learned, each two spellings
   * @param unknown the id of bytes that the vocabulary lacks
   * @throws IllegalArgumentException if a pair has a part or a result that is no token
   */
  BytePairs(Map<String, Integer> ids, List<String[]> pairs, int unknown) {
    String[] letters = letters();
    for (int b = 0; b < 256; b++) {
      inside[b] = ids.getOrDefault(letters[b], unknown);
      last[b] = ids.getOrDefault(letters[b] + END, unknown);
    }
    for (int rank = 0; rank < pairs.size(); rank++) {
      String[] pair = pairs.get(rank);
      Integer left = ids.get(pair[0]);
      Integer right = ids.get(pair[1]);
      Integer both = ids.get(pair[0] + pair[1]);
      if (left == null || right == null || both == null) {
        throw new IllegalArgumentException(
            "merge " + (rank + 1) + ": found \"" + pair[0] + " " + pair[1] + "\", expected parts and result in the vocabulary");
      }
      merges.put(key(left, right), new Merge(rank, both));
    }
  }

  /**
   * The letter of every byte in spellings of tokens, as in GPT-2: printable Latin-1 stands for itself, the other bytes, in
   * their order, for the characters from U+0100 on.
   */
  static String[] letters() {
    String[] letters = new String[256];
    int next = 256;
    for (int b = 0; b < 256; b++) {
      boolean printable = b >= '!' && b <= '~' || b >= 0xa1 && b <= 0xff && b != 0xad;
      letters[b] = Character.toString(printable ? b : next++);
    }
    return letters;
  }

  private static long key(int left, int right) {
    return (long) left << Integer.SIZE | right;
  }

  /** The tokens of one word. */
  List<Token> encode(byte[] word) {
    int n = word.length;
    int[] ids = new int[n];
    int[] numBytes = new int[n]; // 0 once merged into the token on its left
    int[] before = new int[n];
    int[] after = new int[n];
    for (int i = 0; i < n; i++) {
      ids[i] = (i == n - 1 ? last : inside)[word[i] & 0xff];
      before[i] = i - 1;
      after[i] = i == n - 1 ? NONE : i + 1;
    }
    Arrays.fill(numBytes, 1);
    PriorityQueue<Pair> queue = new PriorityQueue<>(Comparator.comparingInt(Pair::rank).thenComparingInt(Pair::left));
    for (int i = 0; i + 1 < n; i++) {
      offer(queue, ids, numBytes, i, i + 1);
    }
    while (!queue.isEmpty()) {
      Pair pair = queue.remove();
      int left = pair.left();
      int right = pair.right();
      boolean still = numBytes[left] > 0 && after[left] == right && numBytes[left] + numBytes[right] == pair.numBytes();
      if (!still) {
        continue; // one of the two has merged with another
      }
      ids[left] = merges.get(key(ids[left], ids[right])).id();
      numBytes[left] += numBytes[right];
      numBytes[right] = 0;
      after[left] = after[right];
      if (after[left] != NONE) {
        before[after[left]] = left;
        offer(queue, ids, numBytes, left, after[left]);
      }
      if (before[left] != NONE) {
        offer(queue, ids, numBytes, before[left], left);
      }
    }
    List<Token> tokens = new ArrayList<>();
    for (int i = n == 0 ? NONE : 0; i != NONE; i = after[i]) {
      tokens.add(new Token(ids[i], numBytes[i]));
    }
    return tokens;
  }

  private void offer(PriorityQueue<Pair> queue, int[] ids, int[] numBytes, int left, int right) {
    Merge merge = merges.get(key(ids[left], ids[right]));
    if (merge != null) {
      queue.add(new Pair(merge.rank(), left, right, numBytes[left] + numBytes[right]));
    }
  }
}
