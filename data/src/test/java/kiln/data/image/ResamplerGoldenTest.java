package kiln.data.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Lanczos: Pillow's results within 1 of 255, and the kernel against the plain code. */
class ResamplerGoldenTest {
  @Test
  void shouldResizeAsPillowDoesWithinOne() {
    JsonNode resizes = GoldenPictures.CASES.get("resizes");
    RgbImage source = GoldenPictures.expected(resizes.get("file").asString());
    assertEquals(10, resizes.get("cases").size());
    for (JsonNode c : resizes.get("cases")) {
      JsonNode r = c.get("region");
      Region region = new Region(r.get(0).asDouble(), r.get(1).asDouble(), r.get(2).asDouble(), r.get(3).asDouble());
      int height = c.get("height").asInt();
      int width = c.get("width").asInt();
      String name = c.get("expected").asString();
      RgbImage expected = GoldenPictures.expected(name);
      GoldenPictures.assertNear(expected, Resampler.resize(source, region, height, width), 1, 0.01, name + " plain");
      RgbImage kernel = NativeResampler.resize(NativePixels.of(source), region, height, width).toImage();
      GoldenPictures.assertNear(expected, kernel, 1, 0.01, name + " kernel");
    }
  }

  /** Sizes around the widths of vectors, and regions at the edges. */
  @Test
  void shouldGiveByKernelWhatThePlainCodeGives() {
    Random random = new Random(5);
    for (int i = 0; i < 200; i++) {
      int height = 1 + random.nextInt(i < 100 ? 8 : 90);
      int width = 1 + random.nextInt(i < 100 ? 8 : 90);
      byte[] rgb = new byte[3 * height * width];
      random.nextBytes(rgb);
      RgbImage source = new RgbImage(height, width, rgb);
      boolean whole = random.nextBoolean();
      double top = whole ? 0 : random.nextDouble() * height * 0.9;
      double left = whole ? 0 : random.nextDouble() * width * 0.9;
      double bottom = whole ? height : top + (height - top) * (0.05 + 0.95 * random.nextDouble());
      double right = whole ? width : left + (width - left) * (0.05 + 0.95 * random.nextDouble());
      Region region = new Region(top, left, bottom, right);
      int toHeight = random.nextInt(5) == 0 ? height : 1 + random.nextInt(70);
      int toWidth = random.nextInt(5) == 0 ? width : 1 + random.nextInt(70);
      RgbImage expected = Resampler.resize(source, region, toHeight, toWidth);
      RgbImage found = NativeResampler.resize(NativePixels.of(source), region, toHeight, toWidth).toImage();
      String name = "i=" + i + " " + height + "x" + width + " " + region + " to " + toHeight + "x" + toWidth;
      GoldenPictures.assertNear(expected, found, 1, 0.05, name);
    }
  }
}
