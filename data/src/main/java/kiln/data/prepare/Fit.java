package kiln.data.prepare;

import java.util.Locale;

/** How a picture of one shape becomes one of its bucket's shape. */
public enum Fit {
  /** Scaled until it covers the bucket; what stands out is cut off. */
  CROP,
  /** Scaled until it fits into the bucket; the rest is white. */
  PAD,
  /** Scaled to the bucket's height and width, each for itself. */
  SQUASH;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
