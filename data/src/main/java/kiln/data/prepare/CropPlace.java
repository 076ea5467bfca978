package kiln.data.prepare;

import java.util.Locale;

/** Which part of a picture {@link Fit#CROP} keeps. */
public enum CropPlace {
  CENTER,
  /** Drawn by the seed and the sample's key: the same every time. */
  RANDOM;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
