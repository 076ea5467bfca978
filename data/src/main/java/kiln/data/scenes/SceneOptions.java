package kiln.data.scenes;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kiln.bindings.UserException;
import kiln.data.BucketTable;
import kiln.data.typeset.Language;

/**
 * What scenes look like.
 *
 * @param buckets image sizes, drawn with equal chances, and caption lengths
 * @param count training samples
 * @param validationCount samples in fonts that training never sees; may be 0
 * @param seed the samples are a pure function of it, these options, the fonts and the photographs
 * @param layouts drawn with equal chances
 * @param languages codes, drawn with equal chances among those that a layout can be written in
 * @param captionLanguages codes of languages that captions are written in
 * @param shares of effects
 * @param holdoutFonts regular expression for the families that only validation uses, or a fifth of each language's
 */
public record SceneOptions(
    BucketTable buckets,
    long count,
    long validationCount,
    long seed,
    List<SceneLayout> layouts,
    List<String> languages,
    List<String> captionLanguages,
    Shares shares,
    Optional<String> holdoutFonts) {
  private static final int SMALLEST_SIDE = 32;
  private static final int SHORTEST_CAPTION = 32;

  /**
   * How often each effect is used, 0 to 1.
   *
   * @param rotated the text is turned by up to 40 degrees
   * @param outlined the letters have a rim
   * @param shadowed they cast a shadow
   * @param textured a texture or gradient is behind
   * @param photographed a photograph is behind, if there are any
   * @param shortCaptions captions name the text alone
   */
  public record Shares(
      double rotated, double outlined, double shadowed, double textured, double photographed, double shortCaptions) {
    public static final Shares DEFAULTS = new Shares(0.3, 0.2, 0.25, 0.35, 0.2, 0.1);
    public static final Shares NONE = new Shares(0, 0, 0, 0, 0, 0);

    public Shares {
      check("--rotated", rotated);
      check("--outlined", outlined);
      check("--shadowed", shadowed);
      check("--textured", textured);
      check("--photographed", photographed);
      check("--short-captions", shortCaptions);
    }

    private static void check(String option, double share) {
      if (!(share >= 0 && share <= 1)) {
        throw new UserException(option + " " + share + ": expected 0 to 1");
      }
    }
  }

  public SceneOptions {
    if (count < 1) {
      throw new UserException("--count " + count + ": expected at least 1");
    }
    if (validationCount < 0) {
      throw new UserException("--validation-count " + validationCount + ": expected at least 0");
    }
    if (layouts.isEmpty() || languages.isEmpty() || captionLanguages.isEmpty()) {
      throw new UserException("--layouts, --languages, --caption-languages: expected at least one each");
    }
    for (String code : captionLanguages) {
      if (Language.of(code).captions().isEmpty()) {
        throw new UserException("--caption-languages " + code + ": Kiln has no captions in it");
      }
    }
    for (BucketTable.Size size : buckets.sizes()) {
      if (Math.min(size.height(), size.width()) < SMALLEST_SIDE) {
        throw new UserException(
            "--size " + size.height() + "x" + size.width() + ": scenes need at least " + SMALLEST_SIDE + " pixels on both sides");
      }
    }
    int longest = buckets.captionLengths().getLast();
    if (longest < SHORTEST_CAPTION) {
      throw new UserException("--caption-length " + longest + ": scenes need at least " + SHORTEST_CAPTION);
    }
    layouts = List.copyOf(layouts);
    languages = List.copyOf(languages);
    captionLanguages = List.copyOf(captionLanguages);
  }

  /** Codes of the languages that Kiln can write captions in. */
  public static List<String> allCaptionLanguages() {
    return Language.all().stream().filter(language -> language.captions().isPresent()).map(Language::code).toList();
  }

  /** Square pictures with everything. */
  public static SceneOptions defaults(int size, int captionLength, long count, long seed) {
    return new SceneOptions(
        BucketTable.square(size, captionLength),
        count,
        Math.clamp(count / 20, 64, 1024),
        seed,
        List.of(SceneLayout.values()),
        Language.CODES,
        allCaptionLanguages(),
        Shares.DEFAULTS,
        Optional.empty());
  }

  Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("sizes", buckets.sizes().stream().map(s -> s.height() + "x" + s.width()).toList());
    settings.put("captionLengths", buckets.captionLengths());
    settings.put("count", count);
    settings.put("validationCount", validationCount);
    settings.put("seed", seed);
    settings.put("layouts", layouts.stream().map(SceneLayout::word).toList());
    settings.put("languages", languages);
    settings.put("captionLanguages", captionLanguages);
    settings.put("shares", shares);
    settings.put("holdoutFonts", holdoutFonts.orElse("a fifth of each language's families"));
    return settings;
  }
}
