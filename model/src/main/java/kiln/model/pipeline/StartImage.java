package kiln.model.pipeline;

import kiln.bindings.UserException;

/**
 * The picture that a drawing starts from, instead of noise alone.
 *
 * @param values float32 [height, width, 3] in [-1, 1]
 * @param repaint [height, width]: what may change; null if everything may
 * @param strength share of the steps that are walked, in (0, 1]: how far the drawing may get from its start. With 1 and a
 *     mask, what is repainted starts from noise alone (as diffusers does)
 */
public record StartImage(float[] values, boolean[] repaint, double strength) {
  public StartImage {
    if (!(strength > 0 && strength <= 1)) {
      throw new UserException("option --strength: expected more than 0, at most 1, found " + strength);
    }
    if (repaint != null && repaint.length * 3L != values.length) {
      throw new IllegalArgumentException("a mask of " + repaint.length + " pixels for " + values.length + " values");
    }
  }

  /**
   * How many of {@code numSteps} steps are left out.
   *
   * @throws UserException if none would be left
   */
  int skippedSteps(int numSteps) {
    int walked = (int) (numSteps * strength);
    if (walked < 1) {
      throw new UserException(
          "option --strength: expected at least " + 1.0 / numSteps + ", one of " + numSteps + " steps, found " + strength);
    }
    return numSteps - walked;
  }

  /** Whether what may change starts from noise alone. */
  boolean forgotten() {
    return repaint != null && strength == 1;
  }

  /**
   * The latents' elements that may change: those with a pixel to be repainted.
   *
   * @return [height/reduction, width/reduction]; null if everything may
   */
  boolean[] repaintedCells(int height, int width, int reduction) {
    if (repaint == null) {
      return null;
    }
    boolean[] cells = new boolean[(height / reduction) * (width / reduction)];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        cells[y / reduction * (width / reduction) + x / reduction] |= repaint[y * width + x];
      }
    }
    return cells;
  }
}
