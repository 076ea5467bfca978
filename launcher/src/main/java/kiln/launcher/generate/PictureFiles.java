package kiln.launcher.generate;

import java.awt.image.BufferedImage;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The PNG files of a drawing. One picture is the file that was asked for. Of several, each is a numbered file, written as soon
 * as it is finished; the file that was asked for is a grid of them with captions.
 */
final class PictureFiles {
  private static final int COLUMNS = 6;

  /** More than this in all is no grid to look at, and much to hold in memory. */
  private static final long MOST_PIXELS = 64_000_000;

  private final Path out;
  private final List<String> captions;
  private final DrawingReport report;
  private final BufferedImage[] pictures;

  PictureFiles(Path out, List<String> captions, DrawingReport report) {
    this.out = out;
    this.captions = List.copyOf(captions);
    this.report = report;
    this.pictures = new BufferedImage[captions.size()];
  }

  /**
   * @param text what the picture was drawn from
   */
  void write(int place, BufferedImage picture, String text) {
    Path file = pictures.length == 1 ? out : PngFile.numbered(out, place + 1);
    PngFile.write(file, picture, text);
    report.say(file.toString());
    if ((long) pictures.length * picture.getWidth() * picture.getHeight() <= MOST_PIXELS) {
      pictures[place] = picture;
    }
  }

  /** Draws the grid, once all pictures have been written. */
  void writeGrid() {
    if (pictures.length == 1 || pictures[0] == null) {
      return;
    }
    List<PictureGrid.Cell> cells = new ArrayList<>();
    for (BufferedImage picture : pictures) {
      cells.add(new PictureGrid.Cell(captions.get(cells.size()), List.of(picture)));
    }
    writeGrid(cells, out, report);
  }

  static void writeGrid(List<PictureGrid.Cell> cells, Path out, DrawingReport report) {
    PngFile.write(out, PictureGrid.draw(cells, Math.min(COLUMNS, cells.size())));
    report.say(out.toString());
  }
}
