package kiln.data.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.ImageIO;
import kiln.data.source.UnusableException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PicturesTest {
  @TempDir Path folder;

  private Path write(BufferedImage image, String name) throws IOException {
    Path file = folder.resolve(name);
    assertTrue(ImageIO.write(image, name.substring(name.lastIndexOf('.') + 1), file.toFile()));
    return file;
  }

  private static int[] pixel(RgbImage image, int y, int x) {
    int at = 3 * (y * image.width() + x);
    return new int[] {image.rgb()[at] & 255, image.rgb()[at + 1] & 255, image.rgb()[at + 2] & 255};
  }

  private static void assertPixel(RgbImage image, int y, int x, int red, int green, int blue) {
    int[] found = pixel(image, y, x);
    int[] expected = {red, green, blue};
    for (int i = 0; i < 3; i++) {
      assertEquals(expected[i], found[i], 1, "y=" + y + " x=" + x + " " + Arrays.toString(found));
    }
  }

  @Test
  void shouldLayTransparentPictureOnWhiteAndTrimIt() throws Exception {
    BufferedImage image = new BufferedImage(40, 30, BufferedImage.TYPE_INT_ARGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(new Color(200, 0, 100, 128));
    graphics.fillRect(10, 5, 20, 12);
    graphics.dispose();
    RgbImage read = Pictures.read(write(image, "a.png"), 64);
    assertEquals(12, read.height());
    assertEquals(20, read.width());
    assertPixel(read, 6, 10, 227, 127, 177);
  }

  @Test
  void shouldTrimWhiteBorderOfOpaquePicture() throws Exception {
    BufferedImage image = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, 40, 30);
    graphics.setColor(Color.BLUE);
    graphics.fillRect(3, 4, 7, 9);
    graphics.dispose();
    RgbImage read = Pictures.read(write(image, "a.png"), 64);
    assertEquals("RgbImage[9x7]", read.toString());
    assertPixel(read, 0, 0, 0, 0, 255);
  }

  @Test
  void shouldTakeGrayValuesAsTheyAre() throws Exception {
    BufferedImage gray = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
    gray.getRaster().setPixels(0, 0, 8, 8, filled(64, 100));
    assertPixel(Pictures.read(write(gray, "gray.png"), 8), 3, 3, 100, 100, 100);
    BufferedImage deep = new BufferedImage(8, 8, BufferedImage.TYPE_USHORT_GRAY);
    deep.getRaster().setPixels(0, 0, 8, 8, filled(64, 100 * 257));
    assertPixel(Pictures.read(write(deep, "deep.png"), 8), 3, 3, 100, 100, 100);
    BufferedImage palette = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_INDEXED);
    Graphics2D graphics = palette.createGraphics();
    graphics.setColor(new Color(51, 102, 153));
    graphics.fillRect(0, 0, 8, 8);
    graphics.dispose();
    assertPixel(Pictures.read(write(palette, "palette.png"), 8), 3, 3, 51, 102, 153);
  }

  private static int[] filled(int length, int value) {
    int[] values = new int[length];
    Arrays.fill(values, value);
    return values;
  }

  @Test
  void shouldReadJpeg() throws Exception {
    BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(new Color(30, 120, 60));
    graphics.fillRect(0, 0, 16, 16);
    graphics.dispose();
    int[] found = pixel(Pictures.read(write(image, "a.jpg"), 16), 8, 8);
    assertTrue(Math.abs(found[0] - 30) < 4 && Math.abs(found[1] - 120) < 4 && Math.abs(found[2] - 60) < 4);
  }

  @Test
  void shouldRenderSvgAtTheWantedSize() throws Exception {
    Path file = folder.resolve("a.svg");
    Files.writeString(
        file,
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="20" height="10" viewBox="0 0 20 10">
          <switch><foreignObject/><g><rect width="20" height="10" fill="#ff0000"/></g></switch>
        </svg>
        """);
    RgbImage read = Pictures.read(file, 64);
    assertEquals("RgbImage[32x64]", read.toString());
    assertPixel(read, 16, 32, 255, 0, 0);
  }

  @Test
  void shouldNameFileThatDoesNotDecode() throws Exception {
    BufferedImage image = new BufferedImage(200, 200, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(1);
    for (int i = 0; i < 40_000; i++) {
      image.setRGB(i % 200, i / 200, random.nextInt());
    }
    byte[] png = Files.readAllBytes(write(image, "whole.png"));
    Path cut = folder.resolve("cut.png");
    Files.write(cut, Arrays.copyOf(png, png.length / 2));
    Path text = Files.writeString(folder.resolve("text.png"), "no picture");
    Path empty = Files.createFile(folder.resolve("empty.png"));
    Path svg = Files.writeString(folder.resolve("broken.svg"), "<svg");
    Path page = Files.writeString(folder.resolve("page.svg"), "<html></html>");
    for (Path file : new Path[] {cut, text, empty, svg, page}) {
      UnusableException e = assertThrows(UnusableException.class, () -> Pictures.read(file, 64), file.toString());
      assertEquals("image does not decode", e.reason());
      assertTrue(e.getMessage().startsWith(file + ": ") && e.getMessage().lines().count() == 1, e.getMessage());
    }
  }

  @Test
  void shouldCallWhitePictureBlank() throws Exception {
    Path file = write(new BufferedImage(8, 8, BufferedImage.TYPE_INT_ARGB), "a.png");
    assertEquals("blank image", assertThrows(UnusableException.class, () -> Pictures.read(file, 8)).reason());
  }

  @Test
  void shouldFitKeepingAspectInTheMiddleOfWhite() {
    byte[] red = new byte[3 * 20 * 40];
    for (int i = 0; i < red.length; i += 3) {
      red[i] = (byte) 255;
    }
    RgbImage fitted = Pictures.fit(new RgbImage(20, 40, red), 32, 32);
    assertEquals("RgbImage[32x32]", fitted.toString());
    assertPixel(fitted, 7, 16, 255, 255, 255);
    assertPixel(fitted, 8, 0, 255, 0, 0);
    assertPixel(fitted, 23, 31, 255, 0, 0);
    assertPixel(fitted, 24, 16, 255, 255, 255);
  }

  @Test
  void shouldNotAliasWhenShrinking() {
    int side = 256;
    byte[] stripes = new byte[3 * side * side];
    for (int i = 0; i < side * side; i++) {
      byte value = (byte) (i % 2 == 0 ? 255 : 0);
      Arrays.fill(stripes, 3 * i, 3 * i + 3, value);
    }
    RgbImage small = Resampler.resize(new RgbImage(side, side, stripes), 30, 30);
    for (byte value : small.rgb()) {
      assertEquals(127.5, value & 255, 6, "sampling without a filter would give 0 or 255");
    }
  }

  @Test
  void shouldKeepFlatColourAndMeanWhenResampling() {
    byte[] flat = new byte[3 * 17 * 23];
    Arrays.fill(flat, (byte) 77);
    for (int[] size : new int[][] {{5, 7}, {17, 23}, {40, 60}, {1, 1}}) {
      for (byte value : Resampler.resize(new RgbImage(17, 23, flat), size[0], size[1]).rgb()) {
        assertEquals(77, value);
      }
    }
  }
}
