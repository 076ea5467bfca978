package kiln.model.pipeline;

/**
 * What one picture is to show.
 *
 * @param caption what it is steered towards
 * @param negative what guidance steers it away from; with most models the empty caption. Not read without guidance
 * @param number decides the picture's noise: a number gives the same noise in any batch
 */
public record Subject(Caption caption, Caption negative, long number) {
  /** Length that the encodings of both captions fit in. */
  int captionLength(boolean guided) {
    return guided ? Math.max(caption.length(), negative.length()) : caption.length();
  }
}
