package kiln.data.typeset;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import kiln.bindings.UserException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What Kiln can write in a language: words, sentences, numbers, captions, and the labels of documents. Each is a JSON file
 * beside this class.
 *
 * @param code ISO 639-1
 * @param name in English
 * @param script ISO 15924
 * @param rightToLeft which way its lines run
 * @param vertical whether it is also written in columns, from top to bottom, the columns from right to left
 * @param spaced whether spaces separate its words
 * @param cased whether it has capital and small letters
 * @param digits its ten digits in ascending order
 * @param price with {@code #} for a number such as {@code 12.50}
 * @param date with {@code d}, {@code m} and {@code y} for day, month and year
 * @param decimal between a number and its hundredths; empty if its currency has none
 * @param words common ones
 * @param sentences each a list of words, the last with its full stop; maybe none
 * @param captions how pictures are described in it, if they are
 * @param documents what documents in it are made of, if they are
 */
public record Language(
    String code,
    String name,
    String script,
    boolean rightToLeft,
    boolean vertical,
    boolean spaced,
    boolean cased,
    String digits,
    String price,
    String date,
    String decimal,
    List<String> words,
    List<String> sentences,
    Optional<CaptionWords> captions,
    Optional<DocumentWords> documents) {
  /** Those that Kiln writes, in the order in which they are drawn. */
  public static final List<String> CODES =
      List.of("en", "de", "fr", "es", "ru", "el", "ar", "he", "hi", "bn", "ta", "th", "ja", "zh", "ko");

  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  /** Between the words of a sentence of a language that writes no spaces. */
  static final String WORD_BREAK = "|";

  public Language {
    captions = captions == null ? Optional.empty() : captions;
    documents = documents == null ? Optional.empty() : documents;
    sentences = sentences == null ? List.of() : List.copyOf(sentences);
    words = List.copyOf(words);
  }

  /**
   * @throws UserException if Kiln does not write it
   */
  public static Language of(String code) {
    if (!CODES.contains(code)) {
      throw new UserException("language " + code + ": not known, expected one of " + String.join(", ", CODES));
    }
    try (InputStream in = Language.class.getResourceAsStream(code + ".json")) {
      return MAPPER.readValue(in, Language.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static List<Language> all() {
    return CODES.stream().map(Language::of).toList();
  }

  /** What stands between two words of a line. */
  public String joiner() {
    return spaced ? " " : "";
  }

  /** The words of a sentence. */
  public List<String> split(String sentence) {
    return List.of((spaced ? sentence.replace(WORD_BREAK, "") : sentence).split(spaced ? " " : "\\" + WORD_BREAK));
  }

  /** A number written with the language's own digits. */
  public String number(String ascii) {
    return ascii
        .chars()
        .mapToObj(c -> c >= '0' && c <= '9' ? digits.substring(c - '0', c - '0' + 1) : String.valueOf((char) c))
        .collect(Collectors.joining());
  }

  /** Hundredths as a number with two decimals, or as whole units, without a currency. */
  public String amount(long hundredths) {
    return number(
        decimal.isEmpty()
            ? Long.toString(hundredths / 100)
            : hundredths / 100 + decimal + String.format("%02d", hundredths % 100));
  }

  /** Hundredths of the currency as a price. */
  public String price(long hundredths) {
    return price.replace("#", amount(hundredths));
  }

  public String date(int day, int month, int year) {
    StringBuilder written = new StringBuilder();
    for (char c : date.toCharArray()) {
      written.append(
          switch (c) {
            case 'd' -> String.format("%02d", day);
            case 'm' -> String.format("%02d", month);
            case 'y' -> Integer.toString(year);
            default -> String.valueOf(c);
          });
    }
    return number(written.toString());
  }

  /** Every character of its words, which a font must have to be used for it. */
  String alphabet() {
    Set<Integer> characters = new LinkedHashSet<>();
    words.forEach(word -> word.codePoints().forEach(characters::add));
    return characters.stream().map(Character::toString).collect(Collectors.joining());
  }

  /** There is one of each code. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Language language && code.equals(language.code);
  }

  @Override
  public int hashCode() {
    return code.hashCode();
  }

  @Override
  public String toString() {
    return code;
  }
}
