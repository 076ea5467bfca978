package kiln.data.scenes;

import java.awt.Color;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import kiln.data.typography.Ink;

/**
 * How letters look.
 *
 * @param ink the name of their colour
 * @param color their colour
 * @param rim around them
 * @param shadow behind them
 */
record SceneStyle(Ink ink, Color color, Optional<Rim> rim, Optional<Shadow> shadow) {
  private static final double LEGIBLE = 80;

  /** A ground that varies more than this needs a rim for text to be read on it. */
  private static final double UNEVEN = 38;

  private static final double DARK = 128;

  /**
   * An outline.
   *
   * @param width how far it reaches beyond the letters, in pixels
   */
  record Rim(Color color, double width) {}

  /**
   * @param dx to the right, pixels
   * @param dy down, pixels
   * @param blur radius of the box that it is averaged over, twice
   * @param strength 0 to 1
   */
  record Shadow(double dx, double dy, int blur, double strength) {}

  /** Brightness of the ground where the text will stand: mean and standard deviation of luma, 0..255. */
  record Brightness(double mean, double deviation) {
    static Brightness of(int[] rgb, int width, int left, int top, int right, int bottom) {
      long count = 0;
      double sum = 0;
      double squares = 0;
      for (int y = top; y < bottom; y += 3) {
        for (int x = left; x < right; x += 3) {
          int value = rgb[y * width + x];
          double luma = 0.299 * (value >> 16 & 255) + 0.587 * (value >> 8 & 255) + 0.114 * (value & 255);
          sum += luma;
          squares += luma * luma;
          count++;
        }
      }
      double mean = sum / Math.max(1, count);
      return new Brightness(mean, Math.sqrt(Math.max(0, squares / Math.max(1, count) - mean * mean)));
    }
  }

  /**
   * A legible one.
   *
   * @param em size of the type in pixels
   */
  static SceneStyle draw(Brightness ground, double em, SceneOptions.Shares shares, SplittableRandom random) {
    Ink ink = ink(ground, random);
    boolean rimmed = random.nextDouble() < shares.outlined() || ground.deviation() > UNEVEN;
    Optional<Rim> rim = rimmed ? Optional.of(rim(ink, ground, em, random)) : Optional.empty();
    Optional<Shadow> shadow =
        random.nextDouble() < shares.shadowed() ? Optional.of(shadow(em, random)) : Optional.empty();
    return new SceneStyle(ink, ink.shade(random), rim, shadow);
  }

  private static Ink ink(Brightness ground, SplittableRandom random) {
    List<Ink> legible = new ArrayList<>();
    for (Ink ink : Ink.ALL) {
      if (Math.abs(ink.luma() - ground.mean()) >= LEGIBLE + ground.deviation() / 2) {
        legible.add(ink);
      }
    }
    if (legible.isEmpty()) {
      return ground.mean() < DARK ? Ink.WHITE : Ink.BLACK;
    }
    return legible.get(random.nextInt(legible.size()));
  }

  /** Between text and an uneven ground it must differ from the text; on an even ground from the ground as well. */
  private static Rim rim(Ink ink, Brightness ground, double em, SplittableRandom random) {
    List<Ink> fitting = new ArrayList<>();
    for (Ink other : Ink.ALL) {
      boolean fromGround = ground.deviation() > UNEVEN || Math.abs(other.luma() - ground.mean()) >= LEGIBLE / 2;
      if (Math.abs(other.luma() - ink.luma()) >= LEGIBLE && fromGround) {
        fitting.add(other);
      }
    }
    if (fitting.isEmpty()) {
      fitting.add(ink.luma() < DARK ? Ink.WHITE : Ink.BLACK);
    }
    Ink chosen = fitting.get(random.nextInt(fitting.size()));
    return new Rim(chosen.shade(random), Math.max(0.8, em * random.nextDouble(0.02, 0.05)));
  }

  private static Shadow shadow(double em, SplittableRandom random) {
    double distance = em * random.nextDouble(0.04, 0.1);
    boolean right = random.nextInt(4) > 0;
    boolean down = random.nextInt(4) > 0;
    return new Shadow(
        right ? distance : -distance,
        down ? distance : -distance,
        (int) Math.round(em * random.nextDouble(0, 0.06)),
        random.nextDouble(0.4, 0.75));
  }

  static String hex(Color color) {
    return String.format("#%06x", color.getRGB() & 0xffffff);
  }
}
