package kiln.data.documents;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import kiln.bindings.UserException;
import kiln.data.BucketTable;
import kiln.data.Pixels;
import kiln.data.Sample;
import kiln.data.queue.Split;
import kiln.data.source.Drafts;
import kiln.data.source.SkipReport;
import kiln.data.source.Source;
import kiln.data.source.UnusableException;
import kiln.data.typeset.DrawnSamples;
import kiln.data.typeset.Language;
import kiln.data.typeset.Typeface;
import kiln.data.typeset.WritingFonts;

/**
 * Pages of documents. Sample {@code i} is a pure function of the options, the fonts and {@code i}. Validation shows the same
 * kind of thing in fonts that training never uses; languages that only one family can write are not in it.
 */
public final class DocumentSource implements Source {
  private static final int ATTEMPTS = 64;
  private static final int PATIENCE = 8;
  private static final double SMALLEST_EM = 8;

  /** Ems in the width of a page, by pixels of the width: large pages may have small type. */
  private static final double FINEST_TYPE = 0.07;

  private final DocumentOptions options;
  private final WritingFonts.Parts fonts;
  private final DrawnSamples samples;

  /**
   * @param found fonts for the languages of the options
   * @throws UserException if there are none, or none to hold out
   */
  public DocumentSource(DocumentOptions options, WritingFonts found) {
    this.options = options;
    this.samples = new DrawnSamples(options.count(), options.validationCount(), options.seed());
    if (found.languages().isEmpty()) {
      throw new UserException("--languages: no font found for any of " + options.languages());
    }
    this.fonts = options.holdoutFonts().map(found::holdOut).orElseGet(found::holdOut);
    if (options.validationCount() > 0 && fonts.heldOut().languages().isEmpty()) {
      throw new UserException("--validation-count " + options.validationCount() + ": no font family to hold out");
    }
  }

  @Override
  public String name() {
    return "documents";
  }

  @Override
  public BucketTable buckets() {
    return options.buckets();
  }

  @Override
  public Map<String, Object> settings() {
    return options.settings();
  }

  /** The fonts of both parts and the languages of each. */
  @Override
  public Map<String, Object> notes() {
    return fonts.notes();
  }

  /** The fonts for training and those held out. */
  public WritingFonts.Parts fonts() {
    return fonts;
  }

  @Override
  public OptionalLong count(Split split) {
    return samples.count(split);
  }

  @Override
  public Drafts drafts(SkipReport skips) {
    return samples.drafts(this::sample);
  }

  /**
   * @throws UnusableException if none of many attempts fitted on a page
   */
  public Sample sample(Split split, long index) throws UnusableException {
    Document document = document(split, index);
    DocumentTruth truth = document.truth(options.caption());
    int[] rgb = document.paint();
    String caption =
        switch (options.caption()) {
          case TEXT -> lines(truth.text(), options.buckets().captionLengths().getLast() - 1);
          case PROMPT -> "<kiln> read the " + document.kind().word();
        };
    return Sample.of(samples.id(split, index), document.size(), Pixels.of(rgb), caption, truth.toJson());
  }

  /** As many whole lines as fit in so many bytes, or of the first as many characters. */
  static String lines(String text, int bytes) {
    String fitting = "";
    for (String line : text.split("\n")) {
      String longer = fitting.isEmpty() ? line : fitting + "\n" + line;
      if (longer.getBytes(StandardCharsets.UTF_8).length > bytes) {
        break;
      }
      fitting = longer;
    }
    if (fitting.isEmpty()) {
      fitting = text.lines().findFirst().orElse("");
      while (fitting.getBytes(StandardCharsets.UTF_8).length > bytes) {
        fitting = fitting.substring(0, fitting.offsetByCodePoints(fitting.length(), -1));
      }
    }
    return fitting;
  }

  Document document(Split split, long index) throws UnusableException {
    SplittableRandom random = samples.random(split, index);
    WritingFonts able = split == Split.TRAIN ? fonts.training() : fonts.heldOut();
    BucketTable.Size size = pick(options.buckets().sizes(), random);
    DocumentKind kind = pick(options.kinds(), random);
    Language language = pick(able.languages(), random);
    double fullness = random.nextDouble(0.35, 0.95);
    double em = Math.max(SMALLEST_EM, size.width() / random.nextDouble(24, Math.max(52, size.width() * FINEST_TYPE)));
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Typeface body = pick(readable(able.of(language)), random);
      Typeface heading = heading(body, able.of(language), random);
      double margin = size.width() * random.nextDouble(0.05, 0.1);
      Page.Setting setting = new Page.Setting(language, body, heading, em, random.nextDouble(0.95, 1.15), margin);
      Page page = new Page(setting, size.width(), size.height());
      Map<String, Object> parse = new Contents(page, random, fullness).set(kind);
      Scan scan = random.nextDouble() < options.worn() ? Scan.draw(random) : Scan.NONE;
      int dark = random.nextInt(0, 70);
      Document document = new Document(size, kind, page, setting, parse, dark << 16 | dark << 8 | dark, scan);
      if (!page.isSpoiled() && fits(document)) {
        return document;
      }
      if (attempt % PATIENCE == PATIENCE - 1 || page.isSpoiled()) {
        fullness *= 0.9;
        em = Math.max(SMALLEST_EM, em * 0.97);
      }
    }
    throw new UnusableException("no document fits", kind.word() + " " + index + ": " + ATTEMPTS + " did not fit on the page");
  }

  private static boolean fits(Document document) {
    var ink = document.arrangement().bounds();
    return ink.getMinX() >= 0
        && ink.getMinY() >= 0
        && ink.getMaxX() <= document.size().width()
        && ink.getMaxY() <= document.size().height();
  }

  /** Without families whose thin strokes are for large type, unless there are no others. */
  private static List<Typeface> readable(List<Typeface> all) {
    List<Typeface> readable =
        all.stream().filter(t -> !t.face().light() && !t.face().family().contains("Display")).toList();
    return readable.isEmpty() ? all : readable;
  }

  /** A bold face of the same family, or any face. */
  private static Typeface heading(Typeface body, List<Typeface> all, SplittableRandom random) {
    List<Typeface> bold =
        all.stream()
            .filter(other -> other.face().bold() && other.face().family().equals(body.face().family()))
            .filter(other -> other.face().italic() == body.face().italic())
            .toList();
    return bold.isEmpty() || random.nextInt(4) == 0 ? pick(all, random) : bold.getFirst();
  }

  private static <T> T pick(List<T> list, SplittableRandom random) {
    return list.get(random.nextInt(list.size()));
  }
}
