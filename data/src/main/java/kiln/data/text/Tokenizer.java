package kiln.data.text;

import java.util.Arrays;

/** Turns a prompt into the token ids that a text encoder was trained on. */
public interface Tokenizer {
  /** The ids of a text, start and end tokens included. Never longer than {@link #maxLength}: what does not fit is cut. */
  Encoded encode(String text);

  /** Most ids of one text, start and end tokens included. */
  int maxLength();

  /** The id that fills rows. */
  int padId();

  /** Whether the network was trained on rows of {@link #maxLength} only; else rows may be as short as their longest text. */
  boolean padsToMaxLength();

  /**
   * @param ids {@code numTokens} ids and, if the tokenizer pads to its maximum, as many paddings as fill that
   * @param numTokens how many of the ids are tokens, the end token included
   * @param cut the end of the text, from the first character on that did not fit as a whole; empty if all of it did
   */
  record Encoded(int[] ids, int numTokens, String cut) {
    /** The ids in a row of {@code length}, which must hold at least the tokens, with {@code padId} after them. */
    public int[] row(int length, int padId) {
      check(length);
      int[] row = Arrays.copyOf(ids, length);
      Arrays.fill(row, numTokens, length, padId);
      return row;
    }

    /** Ones for the tokens of a row of {@code length}, zeros for its paddings. */
    public int[] mask(int length) {
      check(length);
      int[] mask = new int[length];
      Arrays.fill(mask, 0, numTokens, 1);
      return mask;
    }

    private void check(int length) {
      if (length < numTokens) {
        throw new IllegalArgumentException("length=" + length + " numTokens=" + numTokens);
      }
    }
  }
}
