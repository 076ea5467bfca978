package kiln.model.pipeline;

import java.util.List;

/**
 * A tokenized caption.
 *
 * @param ids of its tokens, padded to the length that the text encoder is run at
 * @param numTokens how many of them are not padding
 */
public record Caption(List<Integer> ids, int numTokens) {
  public Caption {
    ids = List.copyOf(ids);
    if (numTokens < 1 || numTokens > ids.size()) {
      throw new IllegalArgumentException("numTokens=" + numTokens + " of " + ids.size() + " ids");
    }
  }

  /** Number of ids, padding included. */
  public int length() {
    return ids.size();
  }
}
