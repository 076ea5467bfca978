package kiln.launcher.generate;

import java.awt.image.BufferedImage;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import kiln.bindings.UserException;
import kiln.data.queue.Split;
import kiln.launcher.folder.ModelFolder;

/** What {@code kiln generate} does: pictures as PNG files. */
public final class Generator {
  private final ModelFolder model;
  private final DrawingOptions options;
  private final DrawingReport report;
  private final Consumer<String> warnings;

  /**
   * @param from a pipeline folder, a checkpoint, or a run, whose newest checkpoint is taken
   * @param out where progress and the names of written files go
   * @param warnings where it is said that a prompt was cut
   * @throws UserException if it is no model that draws
   */
  public Generator(Path from, DrawingOptions options, PrintWriter out, Consumer<String> warnings) {
    this.model = DrawingModels.open(from, options.averaged());
    this.options = options;
    this.report = new DrawingReport(out, System.console() != null && System.console().isTerminal());
    this.warnings = warnings;
  }

  /** Whether the model draws what a prompt says. */
  public boolean takesText() {
    return DrawingModels.takesText(model);
  }

  /**
   * Draws what is wanted.
   *
   * @throws UserException if the model or the size cannot do that
   */
  public void draw(Wanted wanted) {
    try (LatentPainter painter = new LatentPainter(model, options, warnings)) {
      Canvas canvas = canvas(wanted, painter);
      List<String> captions = wanted.captions();
      PictureFiles files = new PictureFiles(wanted.out(), captions, report);
      String name = DrawingModels.name(model);
      painter.draw(
          captions,
          wanted.negative(),
          canvas,
          report,
          (place, picture) -> {
            String text =
                PictureText.of(
                    captions.get(place), wanted.negative(), painter.settings(), canvas, wanted.start(), place, name);
            files.write(place, picture, text);
          });
      files.writeGrid();
    }
  }

  private static Canvas canvas(Wanted wanted, LatentPainter painter) {
    if (wanted.start() != null) {
      return wanted.start().read(painter.multiple());
    }
    boolean given = wanted.height() > 0;
    return Canvas.empty(given ? wanted.height() : painter.side(), given ? wanted.width() : painter.side());
  }

  /** A grid of captions of a data set: the real picture left, the drawn one right. */
  public void drawBeside(Path data, Split split, int count, Path out) {
    RealPictures real = RealPictures.read(data, split, count);
    List<PictureGrid.Cell> cells = new ArrayList<>();
    try (LatentPainter painter = new LatentPainter(model, options, warnings)) {
      Canvas canvas = Canvas.empty(real.height(), real.width());
      for (Drawing drawing : painter.draw(real.captions(), canvas, report)) {
        List<BufferedImage> pair = List.of(real.pictures().get(cells.size()), drawing.image());
        cells.add(new PictureGrid.Cell(drawing.caption(), pair));
      }
    }
    PictureFiles.writeGrid(cells, out, report);
  }
}
