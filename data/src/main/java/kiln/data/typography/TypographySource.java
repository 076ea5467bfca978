package kiln.data.typography;

import java.awt.Color;
import java.awt.geom.Rectangle2D;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import kiln.data.BucketTable;
import kiln.data.Sample;
import kiln.data.queue.Split;
import kiln.data.source.Draft;
import kiln.data.source.Drafts;
import kiln.data.source.SkipReport;
import kiln.data.source.Source;
import kiln.data.source.UnusableException;

/**
 * Single characters and words in random fonts, sizes, weights, slants, colours and places. Sample {@code i} is a pure function
 * of the options, the fonts and {@code i}. Validation shows the same kind of thing in fonts that training never uses.
 */
public final class TypographySource implements Source {
  private static final int ATTEMPTS = 32;
  private static final long VALIDATION_IDS = 1L << 40;
  private static final double SYNTHETIC_SLANT = 0.2;

  /** A letter of a word is given at least this width in pixels, or a shorter word is chosen. */
  private static final int PIXELS_PER_LETTER = 7;

  private final TypographyOptions options;
  private final FontCatalog.Parts fonts;
  private final List<String> characters;
  private final List<String> words;

  public TypographySource(TypographyOptions options, FontCatalog catalog) {
    this.options = options;
    this.fonts = options.holdoutFonts().map(catalog::holdOut).orElseGet(catalog::holdOut);
    this.characters = options.characters().codePoints().mapToObj(c -> new String(Character.toChars(c))).toList();
    this.words = words();
  }

  /** With the fonts of this machine. */
  public static TypographySource ofMachine(TypographyOptions options, Consumer<String> log) {
    return new TypographySource(options, FontCatalog.ofMachine(log));
  }

  private static List<String> words() {
    try (InputStream in = TypographySource.class.getResourceAsStream("words.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String name() {
    return "typography";
  }

  @Override
  public BucketTable buckets() {
    return options.buckets();
  }

  /** The fonts for training and those held out. */
  public FontCatalog.Parts fonts() {
    return fonts;
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("sizes", options.buckets().sizes().stream().map(s -> s.height() + "x" + s.width()).toList());
    settings.put("captionLengths", options.buckets().captionLengths());
    settings.put("count", options.count());
    settings.put("validationCount", options.validationCount());
    settings.put("seed", options.seed());
    settings.put("singleCharacters", options.singleCharacters());
    settings.put("characters", options.characters());
    settings.put("plain", options.plain());
    settings.put("holdoutFonts", options.holdoutFonts().orElse("a fifth of the families"));
    return settings;
  }

  @Override
  public Map<String, Object> notes() {
    return Map.of("trainingFonts", names(fonts.training()), "heldOutFonts", names(fonts.heldOut()));
  }

  private static List<String> names(List<FontFace> faces) {
    return faces.stream().map(FontFace::name).toList();
  }

  @Override
  public OptionalLong count(Split split) {
    return OptionalLong.of(
        switch (split) {
          case TRAIN -> options.count();
          case VALIDATION -> options.validationCount();
        });
  }

  @Override
  public Drafts drafts(SkipReport skips) {
    return Drafts.of(Stream.concat(drafts(Split.TRAIN), drafts(Split.VALIDATION)).iterator());
  }

  private Stream<Draft> drafts(Split split) {
    return LongStream.range(0, count(split).orElseThrow()).mapToObj(i -> new Draft(split, () -> sample(split, i)));
  }

  /**
   * @throws UnusableException if none of many attempts found a font that shows the text
   */
  Sample sample(Split split, long index) throws UnusableException {
    long id = split == Split.TRAIN ? index : VALIDATION_IDS + index;
    SplittableRandom random = new SplittableRandom(options.seed() * 0x9E3779B97F4A7C15L ^ id * 0xD1B54A32D192ED03L);
    List<FontFace> faces = split == Split.TRAIN ? fonts.training() : fonts.heldOut();
    BucketTable.Size size = pick(options.buckets().sizes(), random);
    String text = text(size, random);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      FontFace face = pick(faces, random);
      if (face.shows(text)) {
        return draw(id, text, face, size, random);
      }
    }
    throw new UnusableException("no font shows the text", "\"" + text + "\": shown by none of " + ATTEMPTS + " fonts tried");
  }

  private String text(BucketTable.Size size, SplittableRandom random) {
    if (random.nextDouble() < options.singleCharacters()) {
      return pick(characters, random);
    }
    int longest = Math.max(2, size.width() / PIXELS_PER_LETTER);
    if (random.nextDouble() < 0.15) {
      int digits = random.nextInt(2, Math.min(longest, 4) + 1);
      return Integer.toString(random.nextInt((int) Math.pow(10, digits - 1), (int) Math.pow(10, digits)));
    }
    String word;
    do {
      word = pick(words, random);
    } while (word.length() > longest);
    return switch (random.nextInt(3)) {
      case 0 -> word;
      case 1 -> word.toUpperCase(Locale.ROOT);
      default -> word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
    };
  }

  private Sample draw(long id, String text, FontFace face, BucketTable.Size size, SplittableRandom random) {
    boolean single = text.codePointCount(0, text.length()) == 1;
    boolean plain = random.nextDouble() < options.plain();
    boolean slanted = !plain && !face.italic() && random.nextDouble() < 0.08;
    TextPicture picture = new TextPicture(face, text, slanted ? SYNTHETIC_SLANT : 0);
    Placing placing = place(picture, face, size, single, plain, random);

    Ink ink = plain ? Ink.BLACK : pick(Ink.ALL, random);
    Ink ground = plain || (random.nextBoolean() && ink.grounds().contains(Ink.WHITE)) ? Ink.WHITE : pick(ink.grounds(), random);
    Color color = ink.shade(random);
    Color groundColor = ground.shade(random);

    List<String> looks = new ArrayList<>();
    if (face.bold()) {
      looks.add("bold");
    }
    if (face.light()) {
      looks.add("light");
    }
    if (face.italic() || slanted) {
      looks.add("italic");
    }
    looks.add(face.kind().word());
    Wording wording =
        new Wording(text, Wording.what(text), looks, ink.name(), ground.name(), placing.size(), placing.place());
    String caption = wording.caption(random, options.shortCaptions(), options.buckets().captionLengths().getLast() - 1);
    TypographyTruth truth =
        new TypographyTruth(
            text, face.name(), hex(color), hex(groundColor), TextPicture.box(picture.ink()), picture.characters());
    return Sample.of(id, size, picture.draw(size, color, groundColor), caption, truth.toJson());
  }

  /** The words for how large the text is and where. */
  private record Placing(String size, String place) {}

  private static Placing place(
      TextPicture picture,
      FontFace face,
      BucketTable.Size size,
      boolean single,
      boolean plain,
      SplittableRandom random) {
    Rectangle2D design = picture.design();
    double margin = Math.max(1, size.width() / 32.0);
    double height = Math.min(size.height(), size.width());
    double fit =
        Math.min((size.width() - 2 * margin) / design.getWidth(), (size.height() - 2 * margin) / design.getHeight());
    double scale;
    String sizeWord;
    if (single) {
      double share = plain ? random.nextDouble(0.65, 0.8) : random.nextDouble(0.35, 0.85);
      scale = Math.min(fit, share * height / face.capHeight());
      sizeWord = sizeWord(scale * face.capHeight() / height, 0.45, 0.65);
    } else {
      scale = fit * (plain ? 1 : random.nextDouble(0.6, 1));
      sizeWord = sizeWord(scale / fit, 0.7, 0.85);
    }
    double freeX = size.width() - 2 * margin - scale * design.getWidth();
    double freeY = size.height() - 2 * margin - scale * design.getHeight();
    boolean centred = plain || random.nextDouble() < 0.4;
    double x = centred ? random.nextDouble(0.45, 0.55) : random.nextDouble();
    double y = centred ? random.nextDouble(0.45, 0.55) : random.nextDouble();
    picture.place(scale, margin + freeX * x, margin + freeY * y);
    return new Placing(sizeWord, placeWord(picture.ink(), size));
  }

  private static String sizeWord(double share, double medium, double large) {
    return share >= large ? "large" : share >= medium ? "medium" : "small";
  }

  private static String placeWord(Rectangle2D ink, BucketTable.Size size) {
    String vertical = third(ink.getCenterY() / size.height(), "top", "bottom");
    String horizontal = third(ink.getCenterX() / size.width(), "left", "right");
    if (vertical.isEmpty() && horizontal.isEmpty()) {
      return "center";
    }
    return vertical.isEmpty() ? horizontal : horizontal.isEmpty() ? vertical : vertical + " " + horizontal;
  }

  private static String third(double centre, String low, String high) {
    return centre < 0.43 ? low : centre > 0.57 ? high : "";
  }

  private static String hex(Color color) {
    return String.format("#%06x", color.getRGB() & 0xffffff);
  }

  private static <T> T pick(List<T> list, SplittableRandom random) {
    return list.get(random.nextInt(list.size()));
  }
}
