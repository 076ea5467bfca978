package kiln.launcher.generate;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import kiln.data.glyph.FontTemplates;
import kiln.data.typography.FontFace;
import kiln.launcher.folder.ModelFolder;

/**
 * Whether a model draws the character that it is asked for: of 36 pictures, one per capital letter and digit, how many are
 * nearest (by normalised correlation) to that character as fonts draw it that training has not seen.
 *
 * @param results one per character
 */
public record CharacterScore(List<Result> results) {
  private static final String CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  private static final int COLUMNS = 9;

  /** What was asked for, and what the picture shows. */
  public record Result(String asked, String seen, double correlation) {
    boolean right() {
      return asked.equals(seen);
    }
  }

  /**
   * Draws the 36 pictures and compares them.
   *
   * @param from a pipeline folder, a checkpoint, or a run, whose newest is taken
   * @param unseen fonts that training has not used
   * @param grid PNG file for the pictures
   */
  public static CharacterScore measure(Path from, DrawingOptions options, List<FontFace> unseen, Path grid) {
    FontTemplates templates = FontTemplates.of(unseen, CHARACTERS);
    List<Result> results = new ArrayList<>();
    List<PictureGrid.Cell> cells = new ArrayList<>();
    ModelFolder model = DrawingModels.open(from, options.averaged());
    try (LatentPainter painter = new LatentPainter(model, options, warning -> {})) {
      List<String> prompts = CHARACTERS.chars().mapToObj(c -> prompt((char) c)).toList();
      Canvas canvas = Canvas.empty(painter.side(), painter.side());
      for (Drawing drawing : painter.draw(prompts, canvas, DrawingReport.quiet())) {
        String asked = CHARACTERS.substring(results.size(), results.size() + 1);
        FontTemplates.Match match = templates.nearest(drawing.rgb(), canvas.height(), canvas.width());
        Result result = new Result(asked, match.character(), match.correlation());
        results.add(result);
        String verdict = result.right() ? asked : asked + ", looks like " + result.seen();
        cells.add(new PictureGrid.Cell(verdict, List.of(drawing.image())));
      }
    }
    PngFile.write(grid, PictureGrid.draw(cells, COLUMNS));
    return new CharacterScore(List.copyOf(results));
  }

  /** In the words of the captions that typography is trained on. */
  static String prompt(char character) {
    String what = Character.isDigit(character) ? "digit" : "letter";
    return "the " + what + " \"" + character + "\" in black sans on white, large, center";
  }

  public int right() {
    return (int) results.stream().filter(Result::right).count();
  }

  /** As in {@code score: 34 of 36 characters (94 %; chance: 3 %); wrong: I (l)}. */
  public String describe() {
    List<String> wrong =
        results.stream().filter(r -> !r.right()).map(r -> r.asked() + " drawn like " + r.seen()).toList();
    String line =
        String.format(
            Locale.ROOT,
            "score: %d of %d characters recognised (%.0f %%; chance: %.0f %%)",
            right(),
            results.size(),
            100.0 * right() / results.size(),
            100.0 / results.size());
    return wrong.isEmpty() ? line : line + "; wrong: " + String.join(", ", wrong);
  }
}
