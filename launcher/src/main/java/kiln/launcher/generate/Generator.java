package kiln.launcher.generate;

import java.awt.image.BufferedImage;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kiln.data.queue.Split;
import kiln.launcher.checkpoint.RunFolder;
import kiln.model.diffusion.DrawingSettings;

/** What {@code kiln generate} does: pictures from captions, as PNG files. */
public final class Generator {
  private static final int COLUMNS = 6;

  private final Path checkpoint;
  private final boolean averaged;
  private final DrawingSettings settings;
  private final PrintWriter report;

  /**
   * @param from a checkpoint, or a run, whose newest is taken
   * @param averaged whether to draw with the moving average of the weights
   * @param report where the names of written files go
   */
  public Generator(Path from, boolean averaged, DrawingSettings settings, PrintWriter report) {
    this.checkpoint = RunFolder.resolve("--checkpoint", from);
    this.averaged = averaged;
    this.settings = settings;
    this.report = report;
  }

  /**
   * One picture: {@code out}. Several: a grid with captions as {@code out}, and each picture beside it, numbered.
   *
   * @param height in pixels; 0 for that of training
   * @param width in pixels; 0 for that of training
   */
  public void draw(List<String> prompts, int height, int width, Path out) {
    List<Drawing> drawings;
    try (Painter painter = Painter.open(checkpoint, averaged)) {
      int h = height == 0 ? painter.side() : height;
      int w = width == 0 ? painter.side() : width;
      drawings = painter.draw(prompts, h, w, settings);
    }
    if (drawings.size() == 1) {
      write(out, drawings.getFirst().image());
      return;
    }
    List<PictureGrid.Cell> cells = new ArrayList<>();
    for (Drawing drawing : drawings) {
      cells.add(new PictureGrid.Cell(drawing.caption(), List.of(drawing.image())));
      write(PngFile.numbered(out, cells.size()), drawing.image());
    }
    write(out, PictureGrid.draw(cells, Math.min(COLUMNS, cells.size())));
  }

  /** A grid of captions of a data set: the real picture left, the drawn one right. */
  public void drawBeside(Path data, Split split, int count, Path out) {
    RealPictures real = RealPictures.read(data, split, count);
    List<PictureGrid.Cell> cells = new ArrayList<>();
    try (Painter painter = Painter.open(checkpoint, averaged)) {
      for (Drawing drawing : painter.draw(real.captions(), real.height(), real.width(), settings)) {
        List<BufferedImage> pair = List.of(real.pictures().get(cells.size()), drawing.image());
        cells.add(new PictureGrid.Cell(drawing.caption(), pair));
      }
    }
    write(out, PictureGrid.draw(cells, Math.min(COLUMNS, cells.size())));
  }

  private void write(Path file, BufferedImage image) {
    PngFile.write(file, image);
    report.println(file);
    report.flush();
  }
}
