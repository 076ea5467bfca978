package kiln.launcher.generate;

import java.awt.image.BufferedImage;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import kiln.bindings.UserException;
import kiln.data.queue.Split;
import kiln.launcher.backend.BackendKind;
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
   * @throws UserException if it is no model that draws, or the backend cannot be used here
   */
  public Generator(Path from, DrawingOptions options, PrintWriter out, Consumer<String> warnings) {
    this.model = DrawingModels.open(from, options.averaged());
    this.options = options.resolved();
    boolean onHost = this.options.backend().kind() != BackendKind.CUDA;
    this.report = new DrawingReport(out, System.console() != null && System.console().isTerminal(), onHost);
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
    if (takesText()) {
      drawPrompts(wanted);
    } else {
      drawClass(wanted);
    }
  }

  private void drawPrompts(Wanted wanted) {
    if (wanted.label() != null) {
      throw new UserException("option --class: expected none, for the model draws what --prompt says, found " + wanted.label());
    }
    try (LatentPainter painter = new LatentPainter(model, options, warnings)) {
      Canvas canvas = canvas(wanted, painter);
      List<String> captions = wanted.captions();
      PictureFiles files = new PictureFiles(wanted.out(), captions, report);
      PictureText text = new PictureText(wanted, painter.settings(), canvas, DrawingModels.name(model));
      PictureSink sink = (place, picture) -> files.write(place, picture, text.of(captions.get(place), place));
      painter.draw(captions, wanted.negative(), canvas, report, sink);
      files.writeGrid();
    }
  }

  private void drawClass(Wanted wanted) {
    String refused =
        !wanted.prompts().isEmpty()
            ? "--prompt"
            : !wanted.negative().isEmpty() ? "--negative-prompt" : wanted.start() != null ? "--init-image" : null;
    if (refused != null) {
      throw new UserException("option " + refused + ": expected none, for the model takes neither text nor pictures");
    }
    try (PixelPainter painter = new PixelPainter(model, options)) {
      if (wanted.height() == 0 && painter.side() == 0) {
        throw new UserException("option --size: expected HxW, for the model does not say its size, found none");
      }
      boolean given = wanted.height() > 0;
      Canvas canvas =
          Canvas.empty(given ? wanted.height() : painter.side(), given ? wanted.width() : painter.side());
      String caption = wanted.label() == null ? "" : "class " + wanted.label();
      PictureFiles files = new PictureFiles(wanted.out(), Collections.nCopies(wanted.count(), caption), report);
      PictureText text = new PictureText(wanted, painter.settings(), canvas, DrawingModels.name(model));
      PictureSink sink = (place, picture) -> files.write(place, picture, text.of(caption, place));
      painter.draw(wanted.count(), wanted.label(), canvas, report, sink);
      files.writeGrid();
    }
  }

  private static Canvas canvas(Wanted wanted, LatentPainter painter) {
    if (wanted.start() != null) {
      return wanted.start().read(painter.multiple());
    }
    if (wanted.height() == 0) {
      return Canvas.empty(painter.side(), painter.side());
    }
    for (int pixels : new int[] {wanted.height(), wanted.width()}) {
      if (pixels < 1 || pixels % painter.multiple() != 0) {
        throw new UserException(
            "option --size: expected a multiple of " + painter.multiple() + " pixels, found " + pixels);
      }
    }
    return Canvas.empty(wanted.height(), wanted.width());
  }

  /** A grid of captions of a data set: the real picture left, the drawn one right. */
  public void drawBeside(Path data, Split split, int count, Path out) {
    if (!takesText()) {
      throw new UserException("option --beside: expected none, for the model takes no captions");
    }
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
