package kiln.data.typography;

import java.util.Optional;
import kiln.bindings.UserException;
import kiln.data.BucketTable;

/**
 * What typography looks like.
 *
 * @param buckets image sizes, drawn with equal chances, and caption lengths
 * @param count training samples
 * @param validationCount samples in fonts that training never sees; may be 0
 * @param seed the samples are a pure function of it, these options and the fonts
 * @param singleCharacters share of samples that show one character, the others show a word or number
 * @param characters the single characters
 * @param plain share of samples that are large, black on white and in the middle
 * @param shortCaptions share of captions that name the text alone, and not how it looks
 * @param holdoutFonts regular expression for the families that only validation uses, or a fifth of all
 */
public record TypographyOptions(
    BucketTable buckets,
    long count,
    long validationCount,
    long seed,
    double singleCharacters,
    String characters,
    double plain,
    double shortCaptions,
    Optional<String> holdoutFonts) {
  /** Capital letters, small letters and digits. */
  public static final String ALL_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

  public TypographyOptions {
    if (count < 1) {
      throw new UserException("--count " + count + ": expected at least 1");
    }
    if (validationCount < 0) {
      throw new UserException("--validation-count " + validationCount + ": expected at least 0");
    }
    checkShare("--single-characters", singleCharacters);
    checkShare("--plain", plain);
    checkShare("--short-captions", shortCaptions);
    if (characters.isBlank()) {
      throw new UserException("--characters: expected at least one character");
    }
    for (BucketTable.Size size : buckets.sizes()) {
      if (Math.min(size.height(), size.width()) < 16) {
        throw new UserException(
            "--size " + size.height() + "x" + size.width() + ": letters need at least 16 pixels on both sides");
      }
    }
  }

  private static void checkShare(String option, double share) {
    if (!(share >= 0 && share <= 1)) {
      throw new UserException(option + " " + share + ": expected 0 to 1");
    }
  }

  /** Square pictures; 70 % single characters; a twentieth as many validation samples, 64 to 1024. */
  public static TypographyOptions defaults(int size, int captionLength, long count, long seed) {
    return new TypographyOptions(
        BucketTable.square(size, captionLength),
        count,
        Math.clamp(count / 20, 64, 1024),
        seed,
        0.7,
        ALL_CHARACTERS,
        0.1,
        0.15,
        Optional.empty());
  }
}
