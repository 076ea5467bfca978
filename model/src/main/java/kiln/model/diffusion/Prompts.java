package kiln.model.diffusion;

/**
 * Tokenized captions to draw, and the size of the drawings.
 *
 * @param ids int32 [count, captionLength]
 * @param mask int32 [count, captionLength], 1 up to and including the end token
 * @param firstDrawing number of the first drawing: drawing {@code firstDrawing + i} starts from the same noise in any batch
 */
public record Prompts(int count, int captionLength, int[] ids, int[] mask, int height, int width, long firstDrawing) {
  public Prompts {
    int expected = count * captionLength;
    if (count < 1 || ids.length != expected || mask.length != expected) {
      throw new IllegalArgumentException(
          "expected " + expected + " ids and mask entries, found " + ids.length + " and " + mask.length);
    }
  }
}
