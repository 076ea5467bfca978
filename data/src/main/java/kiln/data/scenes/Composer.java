package kiln.data.scenes;

import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import kiln.data.BucketTable;
import kiln.data.typeset.Arrangement;
import kiln.data.typeset.Curve;
import kiln.data.typeset.Language;
import kiln.data.typeset.Layouts;
import kiln.data.typeset.TextLine;
import kiln.data.typeset.Typeface;
import kiln.data.typeset.WritingFonts;
import kiln.data.typography.FontFace;
import kiln.data.typography.Ink;

/** Composes scenes: chooses language, font, text, layout, ground and style, and finds a place for the text. */
final class Composer {
  /** Bytes of a caption that are kept for quotation marks. */
  private static final int QUOTES = 8;

  private static final double SMALLEST_EM = 12;
  private static final double SMALLEST_EM_OF_SMALL_PICTURES = 7;
  private static final double LARGEST_EM = 0.6;
  private static final double FURTHEST_TURN = 40;

  private final SceneOptions options;
  private final WritingFonts fonts;
  private final PhotoPool photos;
  private final List<SceneLayout> layouts;

  Composer(SceneOptions options, WritingFonts fonts, PhotoPool photos) {
    this.options = options;
    this.fonts = fonts;
    this.photos = photos;
    this.layouts = options.layouts().stream().filter(layout -> !languages(layout).isEmpty()).toList();
  }

  /** Layouts that some language can be written in. */
  List<SceneLayout> layouts() {
    return layouts;
  }

  private List<Language> languages(SceneLayout layout) {
    return fonts.languages().stream().filter(l -> layout != SceneLayout.VERTICAL || l.vertical()).toList();
  }

  private static SceneLayout drawn(List<SceneLayout> layouts, SplittableRandom random) {
    return layouts.get(random.nextInt(layouts.size()));
  }

  /** A scene, unless the text that was drawn cannot be shown, or only too small. */
  Optional<Scene> compose(SplittableRandom random) {
    BucketTable.Size size = pick(options.buckets().sizes(), random);
    SceneLayout layout = drawn(layouts, random);
    Language language = pick(languages(layout), random);
    Typeface typeface = pick(fonts.of(language), random);
    int bytes = options.buckets().captionLengths().getLast() - 1 - QUOTES;
    List<TextLine> lines = new SceneText(language, size, bytes, random).draw(layout);
    double turn =
        random.nextDouble() < options.shares().rotated()
            ? StrictMath.toRadians(random.nextDouble(-FURTHEST_TURN, FURTHEST_TURN))
            : 0;
    boolean wave = random.nextBoolean();
    while (!lines.isEmpty()) {
      Optional<Arrangement> arrangement = arrange(layout, language, typeface, lines, wave, random);
      if (arrangement.isEmpty()) {
        return Optional.empty();
      }
      Optional<Placement> placed = place(arrangement.get().turned(turn), size, layout, random);
      if (placed.isPresent()) {
        String bent = layout == SceneLayout.CURVE ? wave ? "wave" : "curve" : "";
        return Optional.of(finish(size, language, typeface, layout, bent, placed.get(), random));
      }
      lines = shorter(lines);
    }
    return Optional.empty();
  }

  /** Without a word of the last line. */
  private static List<TextLine> shorter(List<TextLine> lines) {
    List<TextLine> fewer = new ArrayList<>(lines);
    TextLine last = fewer.removeLast();
    if (last.words().size() > 1) {
      fewer.add(new TextLine(last.words().subList(0, last.words().size() - 1), last.joiner(), last.rightToLeft()));
    }
    return fewer;
  }

  private static Optional<Arrangement> arrange(
      SceneLayout layout,
      Language language,
      Typeface typeface,
      List<TextLine> lines,
      boolean wave,
      SplittableRandom random) {
    return switch (layout) {
      case WORD, LINES -> {
        Layouts.Alignment usual = language.rightToLeft() ? Layouts.Alignment.RIGHT : Layouts.Alignment.LEFT;
        Layouts.Alignment alignment = random.nextInt(3) == 0 ? Layouts.Alignment.CENTER : usual;
        yield Layouts.lines(typeface, lines, alignment, random.nextDouble(0.9, 1.25));
      }
      case CURVE -> Layouts.curved(typeface, lines.getFirst(), width -> wave ? wave(width, random) : arc(width, random));
      case VERTICAL -> Layouts.columns(typeface, lines, random.nextDouble(1.15, 1.6), random.nextDouble(1, 1.12));
    };
  }

  /** Bent by 40 to 170 degrees, but not so much that descenders or ascenders meet. */
  private static Curve arc(double width, SplittableRandom random) {
    double radius = width / StrictMath.toRadians(random.nextDouble(40, 170));
    return new Curve.Arc(width / 2, Math.max(radius, 1.6 * FontFace.DESIGN_SIZE), random.nextInt(3) > 0);
  }

  private static Curve wave(double width, SplittableRandom random) {
    double length = Math.max(width * random.nextDouble(0.7, 1.6), 4 * FontFace.DESIGN_SIZE);
    double height = Math.min(0.05 * length, FontFace.DESIGN_SIZE) * random.nextDouble(0.5, 1.3);
    return new Curve.Wave(height, length, random.nextDouble(0, 2 * Math.PI));
  }

  private record Placement(Arrangement arrangement, double em) {}

  /** Scaled to fit and moved to a free place, unless the type gets too small to be read. */
  private static Optional<Placement> place(
      Arrangement arrangement, BucketTable.Size size, SceneLayout layout, SplittableRandom random) {
    Rectangle2D bounds = arrangement.bounds();
    double shorter = Math.min(size.width(), size.height());
    double margin = Math.max(2, shorter / 20);
    double fit =
        Math.min((size.width() - 2 * margin) / bounds.getWidth(), (size.height() - 2 * margin) / bounds.getHeight());
    double share = layout == SceneLayout.WORD ? random.nextDouble(0.5, 1) : random.nextDouble(0.75, 1);
    double em = Math.min(fit * share * FontFace.DESIGN_SIZE, LARGEST_EM * shorter);
    double smallest = shorter < 128 ? SMALLEST_EM_OF_SMALL_PICTURES : SMALLEST_EM;
    if (em < smallest) {
      em = Math.min(fit * FontFace.DESIGN_SIZE, smallest);
      if (em < smallest) {
        return Optional.empty();
      }
    }
    double scale = em / FontFace.DESIGN_SIZE;
    double freeX = size.width() - 2 * margin - scale * bounds.getWidth();
    double freeY = size.height() - 2 * margin - scale * bounds.getHeight();
    boolean centred = random.nextInt(5) < 2;
    double x = margin + freeX * (centred ? random.nextDouble(0.45, 0.55) : random.nextDouble());
    double y = margin + freeY * (centred ? random.nextDouble(0.45, 0.55) : random.nextDouble());
    return Optional.of(
        new Placement(arrangement.placed(scale, x - scale * bounds.getX(), y - scale * bounds.getY()), em));
  }

  private Scene finish(
      BucketTable.Size size,
      Language language,
      Typeface typeface,
      SceneLayout layout,
      String bent,
      Placement placed,
      SplittableRandom random) {
    Ground ground = ground(size, random);
    int[] rgb = new int[size.width() * size.height()];
    ground.paint(rgb, size.width(), size.height());
    Rectangle2D ink = placed.arrangement.bounds();
    SceneStyle.Brightness brightness =
        SceneStyle.Brightness.of(
            rgb, size.width(), (int) ink.getMinX(), (int) ink.getMinY(), (int) ink.getMaxX(), (int) ink.getMaxY());
    SceneStyle style = SceneStyle.draw(brightness, placed.em, options.shares(), random);
    return new Scene(size, language, typeface, layout, bent, placed.arrangement, placed.em, ground, rgb, style);
  }

  private Ground ground(BucketTable.Size size, SplittableRandom random) {
    double kind = random.nextDouble();
    if (!photos.photos().isEmpty() && kind < options.shares().photographed()) {
      return photos.draw(random, size.width(), size.height());
    }
    if (kind >= 1 - options.shares().textured()) {
      return Textures.draw(random, size.width(), size.height());
    }
    Ink ink = random.nextInt(3) == 0 ? Ink.WHITE : pick(Ink.ALL, random);
    return new Ground.Plain(ink, ink.shade(random));
  }

  private static <T> T pick(List<T> list, SplittableRandom random) {
    return list.get(random.nextInt(list.size()));
  }
}
