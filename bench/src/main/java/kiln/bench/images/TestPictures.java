package kiln.bench.images;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/** Pictures that compress about as photographs do: noise at every scale, the coarser the stronger. */
final class TestPictures {
  private static final float QUALITY = 0.9f;

  private TestPictures() {}

  /** Writes {@code count} pictures into a folder, as .jpg or .png. */
  static List<Path> write(Path folder, String format, int count, int side) {
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Path file = folder.resolve("picture-" + i + "." + format);
      try (ImageOutputStream out = ImageIO.createImageOutputStream(Files.newOutputStream(file))) {
        ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
        ImageWriteParam param = writer.getDefaultWriteParam();
        if (format.equals("jpg")) {
          param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
          param.setCompressionQuality(QUALITY);
        }
        writer.setOutput(out);
        writer.write(null, new IIOImage(picture(side, i), null, null), param);
        writer.dispose();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      files.add(file);
    }
    return files;
  }

  private static BufferedImage picture(int side, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] sum = new float[3 * side * side];
    for (int cell = side / 2; cell >= 1; cell /= 2) {
      add(sum, side, cell, 2f * (float) Math.pow(cell, 0.7), random);
    }
    BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_3BYTE_BGR);
    for (int i = 0; i < side * side; i++) {
      int rgb = 0;
      for (int c = 0; c < 3; c++) {
        rgb = rgb << 8 | Math.clamp(Math.round(128 + sum[3 * i + c]), 0, 255);
      }
      image.setRGB(i % side, i / side, rgb);
    }
    return image;
  }

  /** Random values on a grid of cells, between which is interpolated. */
  private static void add(float[] sum, int side, int cell, float amplitude, SplittableRandom random) {
    int grid = side / cell + 2;
    float[] values = new float[3 * grid * grid];
    for (int i = 0; i < values.length; i += 3) {
      float grey = random.nextFloat() - 0.5f;
      for (int c = 0; c < 3; c++) {
        values[i + c] = amplitude * (grey + 0.3f * (random.nextFloat() - 0.5f));
      }
    }
    for (int y = 0; y < side; y++) {
      float down = (float) (y % cell) / cell;
      for (int x = 0; x < side; x++) {
        float across = (float) (x % cell) / cell;
        int at = 3 * (y / cell * grid + x / cell);
        for (int c = 0; c < 3; c++) {
          float top = values[at + c] * (1 - across) + values[at + 3 + c] * across;
          float bottom = values[at + 3 * grid + c] * (1 - across) + values[at + 3 * grid + 3 + c] * across;
          sum[3 * (y * side + x) + c] += top * (1 - down) + bottom * down;
        }
      }
    }
  }
}
