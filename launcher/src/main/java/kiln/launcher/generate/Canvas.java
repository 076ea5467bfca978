package kiln.launcher.generate;

import kiln.model.pipeline.StartImage;

/**
 * What pictures are drawn on.
 *
 * @param height in pixels
 * @param width in pixels
 * @param start what is there already; null for nothing
 */
record Canvas(int height, int width, StartImage start) {
  static Canvas empty(int height, int width) {
    return new Canvas(height, width, null);
  }
}
