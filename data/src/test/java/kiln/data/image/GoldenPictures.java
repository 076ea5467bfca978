package kiln.data.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The files that bench/peers/picture_goldens.py made with Pillow. */
final class GoldenPictures {
  static final JsonNode CASES = JsonMapper.shared().readTree(bytes("cases.json"));

  private GoldenPictures() {}

  static byte[] bytes(String name) {
    try (InputStream in = GoldenPictures.class.getResourceAsStream("/golden-pictures/" + name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A plain RGB PNG, read without any of the code under test. */
  static RgbImage expected(String name) {
    try (InputStream in = GoldenPictures.class.getResourceAsStream("/golden-pictures/" + name)) {
      var image = ImageIO.read(in);
      byte[] rgb = new byte[3 * image.getHeight() * image.getWidth()];
      for (int i = 0; i < rgb.length; i++) {
        int pixel = i / 3;
        rgb[i] = (byte) image.getRaster().getSample(pixel % image.getWidth(), pixel / image.getWidth(), i % 3);
      }
      return new RgbImage(image.getHeight(), image.getWidth(), rgb);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Values may differ by {@code tolerance}, and by {@code mean} on average. */
  static void assertNear(RgbImage expected, RgbImage found, int tolerance, double mean, String name) {
    assertEquals(expected.toString(), found.toString(), name);
    int greatest = 0;
    long sum = 0;
    for (int i = 0; i < expected.rgb().length; i++) {
      int difference = Math.abs((expected.rgb()[i] & 255) - (found.rgb()[i] & 255));
      greatest = Math.max(greatest, difference);
      sum += difference;
    }
    double average = (double) sum / expected.rgb().length;
    assertTrue(greatest <= tolerance && average <= mean, name + ": greatest=" + greatest + " mean=" + average);
  }
}
