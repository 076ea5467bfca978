package kiln.bench.gpu.check;

import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;

/** Data sets of coloured patterns, which need neither fonts nor downloads. */
final class TrainingData {
  private static final int SIDE = 32;
  private static final int CAPTION_LENGTH = 32;

  private TrainingData() {}

  /**
   * Makes a data set by {@code kiln data folder}; a quarter is for validation.
   *
   * @param folder for pictures and data set; emptied first
   * @param samples how many
   * @param side to which pictures are enlarged
   * @param blockSize which micro-batches divide
   * @return the data set
   */
  static Path make(Path folder, int samples, int side, int blockSize) throws IOException, InterruptedException {
    empty(folder);
    Path pictures = Files.createDirectories(folder.resolve("pictures"));
    for (int i = 0; i < samples; i++) {
      ImageIO.write(picture(i), "png", new File(pictures.toFile(), i + ".png"));
      Files.writeString(pictures.resolve(i + ".txt"), "pattern number " + i);
    }
    Path data = folder.resolve("data");
    OtherProcess.kiln(
            List.of(
                "data", "folder", pictures.toString(), "--out", data.toString(), "--size", side + "x" + side, "--caption-length",
                Integer.toString(CAPTION_LENGTH), "--block-size", Integer.toString(blockSize), "--validation-share", "0.25"))
        .requireWell("kiln data folder");
    return data;
  }

  private static BufferedImage picture(int index) {
    BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        int red = x * 8 * (index % 3 + 1) & 0xff;
        int green = y * 8 + index * 7 & 0xff;
        int blue = x * y + index * 31 & 0xff;
        image.setRGB(x, y, red << 16 | green << 8 | blue);
      }
    }
    return image;
  }

  private static void empty(Path folder) throws IOException {
    if (Files.exists(folder)) {
      List<Path> files = new ArrayList<>();
      try (var tree = Files.walk(folder)) {
        tree.forEach(files::add);
      }
      for (Path file : files.reversed()) {
        Files.delete(file);
      }
    }
  }
}
