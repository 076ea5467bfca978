package kiln.data.stamps;

import java.util.List;
import java.util.Map;
import kiln.bindings.UserException;
import kiln.data.BucketTable;

/**
 * Which samples are made of the stamps.
 *
 * @param buckets image sizes and caption lengths
 * @param captionsPerImage training samples per stamp, in different languages as far as there are enough
 * @param validationPerImage validation samples per stamp; may be 0
 * @param seed which captions are drawn, and the order of the samples
 * @param weights how likely a language is drawn, by its code; 1 if not listed, 0 for never
 * @param holdoutLanguages codes whose captions are only for validation; {@code pt} means {@code pt_BR} and {@code pt@…} as well
 */
public record StampsOptions(
    BucketTable buckets,
    int captionsPerImage,
    int validationPerImage,
    long seed,
    Map<String, Double> weights,
    List<String> holdoutLanguages) {
  /** Code of the first line of a caption file. */
  public static final String ENGLISH = "en";

  public StampsOptions {
    if (captionsPerImage < 1) {
      throw new UserException("--captions-per-image " + captionsPerImage + ": expected at least 1");
    }
    if (validationPerImage < 0) {
      throw new UserException("--validation-per-image " + validationPerImage + ": expected at least 0");
    }
    weights.forEach(
        (language, weight) -> {
          if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
            throw new UserException("--language-weights " + language + "=" + weight + ": expected at least 0");
          }
        });
    if (validationPerImage > 0 && holdoutLanguages.isEmpty()) {
      throw new UserException("--holdout-languages: none given, but validation needs at least one");
    }
    weights = Map.copyOf(weights);
    holdoutLanguages = List.copyOf(holdoutLanguages);
  }

  /**
   * Square pictures, four captions each, English twenty times as likely as any of some seventy other languages; German, Greek,
   * Japanese and Swedish, which nearly all stamps have, are held out.
   */
  public static StampsOptions defaults(int size, int captionLength, long seed) {
    return new StampsOptions(
        BucketTable.square(size, captionLength), 4, 1, seed, Map.of(ENGLISH, 20.0), List.of("de", "el", "ja", "sv"));
  }

  double weight(String language) {
    return weights.getOrDefault(language, 1.0);
  }

  boolean isHeldOut(String language) {
    for (String code : holdoutLanguages) {
      if (language.equals(code) || language.startsWith(code + "_") || language.startsWith(code + "@")) {
        return true;
      }
    }
    return false;
  }
}
