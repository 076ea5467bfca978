package kiln.data.typography;

import java.awt.Color;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A colour with the name that captions give it.
 *
 * @param rgb 0xRRGGBB, sRGB
 */
public record Ink(String name, int rgb) {
  public static final Ink BLACK = new Ink("black", 0x000000);
  public static final Ink WHITE = new Ink("white", 0xffffff);

  public static final List<Ink> ALL =
      List.of(
          BLACK,
          WHITE,
          new Ink("red", 0xd8181f),
          new Ink("green", 0x1f9a3c),
          new Ink("blue", 0x1f4fd8),
          new Ink("yellow", 0xffdd22),
          new Ink("orange", 0xf58a1f),
          new Ink("purple", 0x7b2fa8),
          new Ink("pink", 0xf79ac0),
          new Ink("brown", 0x7a4a21),
          new Ink("gray", 0x8a8a8a),
          new Ink("teal", 0x129a9a),
          new Ink("navy", 0x14215c));

  private static final double LEGIBLE = 70;
  private static final int VARIATION = 10;

  /** Rec. 601 luma, 0..255. */
  public double luma() {
    return 0.299 * (rgb >> 16 & 255) + 0.587 * (rgb >> 8 & 255) + 0.114 * (rgb & 255);
  }

  /** The colours on which text of this colour can be read. */
  public List<Ink> grounds() {
    List<Ink> grounds = new ArrayList<>();
    for (Ink other : ALL) {
      if (Math.abs(other.luma() - luma()) >= LEGIBLE) {
        grounds.add(other);
      }
    }
    return grounds;
  }

  /** A shade that still deserves the name; black and white stay as they are. */
  public Color shade(SplittableRandom random) {
    if (this == BLACK || this == WHITE) {
      return new Color(rgb);
    }
    return new Color(vary(rgb >> 16 & 255, random), vary(rgb >> 8 & 255, random), vary(rgb & 255, random));
  }

  private static int vary(int channel, SplittableRandom random) {
    return Math.clamp(channel + random.nextInt(-VARIATION, VARIATION + 1), 0, 255);
  }
}
