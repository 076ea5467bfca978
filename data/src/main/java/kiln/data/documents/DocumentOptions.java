package kiln.data.documents;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kiln.bindings.UserException;
import kiln.data.BucketTable;
import kiln.data.typeset.Language;

/**
 * What documents look like.
 *
 * @param buckets page sizes, drawn with equal chances, and caption lengths
 * @param count training samples
 * @param validationCount samples in fonts that training never sees; may be 0
 * @param seed the samples are a pure function of it, these options and the fonts
 * @param kinds drawn with equal chances
 * @param languages codes, drawn with equal chances
 * @param caption what captions are
 * @param worn share of pages that look scanned: crooked, grey, noisy
 * @param holdoutFonts regular expression for the families that only validation uses, or a fifth of each language's
 */
public record DocumentOptions(
    BucketTable buckets,
    long count,
    long validationCount,
    long seed,
    List<DocumentKind> kinds,
    List<String> languages,
    Caption caption,
    double worn,
    Optional<String> holdoutFonts) {
  private static final int SMALLEST_SIDE = 160;

  /** What captions are. */
  public enum Caption {
    /** The text of the page in reading order, as many whole lines as the longest caption holds. */
    TEXT,
    /** A task: {@code <kiln> read the invoice}; the answer is in the truth. */
    PROMPT
  }

  public DocumentOptions {
    if (count < 1) {
      throw new UserException("--count " + count + ": expected at least 1");
    }
    if (validationCount < 0) {
      throw new UserException("--validation-count " + validationCount + ": expected at least 0");
    }
    if (!(worn >= 0 && worn <= 1)) {
      throw new UserException("--worn " + worn + ": expected 0 to 1");
    }
    if (kinds.isEmpty() || languages.isEmpty()) {
      throw new UserException("--kinds, --languages: expected at least one each");
    }
    for (String code : languages) {
      if (Language.of(code).documents().isEmpty()) {
        throw new UserException("--languages " + code + ": Kiln has no documents in it, only in " + allLanguages());
      }
    }
    for (BucketTable.Size size : buckets.sizes()) {
      if (Math.min(size.height(), size.width()) < SMALLEST_SIDE) {
        throw new UserException(
            "--size " + size.height() + "x" + size.width() + ": documents need at least " + SMALLEST_SIDE + " pixels on both sides");
      }
    }
    kinds = List.copyOf(kinds);
    languages = List.copyOf(languages);
  }

  /** Codes of the languages that Kiln makes documents in. */
  public static List<String> allLanguages() {
    return Language.all().stream().filter(language -> language.documents().isPresent()).map(Language::code).toList();
  }

  Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("sizes", buckets.sizes().stream().map(s -> s.height() + "x" + s.width()).toList());
    settings.put("captionLengths", buckets.captionLengths());
    settings.put("count", count);
    settings.put("validationCount", validationCount);
    settings.put("seed", seed);
    settings.put("kinds", kinds.stream().map(DocumentKind::word).toList());
    settings.put("languages", languages);
    settings.put("caption", caption.name());
    settings.put("worn", worn);
    settings.put("holdoutFonts", holdoutFonts.orElse("a fifth of each language's families"));
    return settings;
  }
}
