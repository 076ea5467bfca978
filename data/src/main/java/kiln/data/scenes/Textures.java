package kiln.data.scenes;

import java.util.List;
import java.util.SplittableRandom;
import kiln.data.typography.Ink;

/** Draws textures and gradients: two shades of a colour, near enough that text can be read on both. */
final class Textures {
  private static final List<String> KINDS =
      List.of("gradient", "gradient", "clouds", "clouds", "paper", "wood", "stripes", "checks", "dots");

  private Textures() {}

  static Ground.Texture draw(SplittableRandom random, int width, int height) {
    String kind = KINDS.get(random.nextInt(KINDS.size()));
    int from = Ink.ALL.get(random.nextInt(Ink.ALL.size())).shade(random).getRGB() & 0xffffff;
    int other = Ink.ALL.get(random.nextInt(Ink.ALL.size())).rgb();
    int distance = kind.equals("paper") ? random.nextInt(10, 40) : random.nextInt(30, 110);
    return new Ground.Texture(kind, from, Ground.mix(from, other, distance), field(kind, random, width, height));
  }

  private static Ground.Field field(String kind, SplittableRandom random, int width, int height) {
    int left = random.nextInt(Noise.SIDE);
    int top = random.nextInt(Noise.SIDE);
    int period = random.nextInt(6, 40);
    return switch (kind) {
      case "gradient" -> gradient(random, width, height);
      case "clouds" -> {
        int step = random.nextInt(96, 400); // of 256: how fast the noise passes
        yield (x, y) -> Noise.at(left + (x * step >> 8), top + (y * step >> 8));
      }
      case "paper" -> (x, y) -> {
        int grain = (x + left) * 0x9E3779B1 ^ (y + top) * 0x85EBCA77;
        grain ^= grain >>> 15;
        grain *= 0x2C1B3C6D;
        return (Noise.at(left + x, top + y) + (grain >>> 24)) >> 1;
      };
      case "wood" -> (x, y) -> {
        int ring = Noise.at(left + (x >> 3), top + (y >> 1)) * 5 + x / 2 & 511;
        return ring < 256 ? ring : 511 - ring;
      };
      case "stripes" -> {
        int slope = random.nextInt(-256, 257);
        yield (x, y) -> Math.floorMod((x << 8) + y * slope >> 8, period) * 2 < period ? 255 : 0;
      }
      case "checks" -> (x, y) -> ((x + left) / period + (y + top) / period & 1) * 255;
      default -> (x, y) -> {
        int dx = 2 * ((x + left) % period) - period;
        int dy = 2 * ((y + top) % period) - period;
        return 4 * (dx * dx + dy * dy) < period * period * 2 ? 255 : 0;
      };
    };
  }

  private static Ground.Field gradient(SplittableRandom random, int width, int height) {
    if (random.nextInt(3) == 0) {
      int centreX = random.nextInt(width);
      int centreY = random.nextInt(height);
      long reach = (long) width * width + (long) height * height;
      return (x, y) -> {
        long dx = x - centreX;
        long dy = y - centreY;
        return (int) (255 * (dx * dx + dy * dy) / reach);
      };
    }
    boolean mirrored = random.nextBoolean();
    int alongX = random.nextInt(0, 256);
    int alongY = 255 - alongX;
    return (x, y) -> ((mirrored ? width - 1 - x : x) * alongX / width) + y * alongY / height;
  }
}
