package kiln.data.scenes;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import kiln.data.BucketTable;
import kiln.data.typeset.Language;
import kiln.data.typeset.TextLine;

/** Draws what is written in a scene, as much as fits in a picture and in a caption. */
final class SceneText {
  /** Width of a picture that a letter, or an ideograph, is given at least. */
  private static final double PIXELS_PER_LETTER = 9;

  private static final double PIXELS_PER_IDEOGRAPH = 19;
  private static final double PIXELS_PER_LINE = 26;
  private static final int MOST_LINES = 6;
  private static final int LONGEST_LINE = 28;

  /** Marks that stand in the middle of a line and turn in a column, and small kana, which move: not for upright columns. */
  private static final String NOT_UPRIGHT = "ーゃゅょっャュョッァィゥェォ-–—、。";

  private final Language language;
  private final BucketTable.Size size;
  private final int bytes;
  private final SplittableRandom random;

  /**
   * @param bytes that the text may have
   */
  SceneText(Language language, BucketTable.Size size, int bytes, SplittableRandom random) {
    this.language = language;
    this.size = size;
    this.bytes = bytes;
    this.random = random;
  }

  /** Lines in reading order; none if nothing fits. */
  List<TextLine> draw(SceneLayout layout) {
    return switch (layout) {
      case WORD -> fitting(List.of(List.of(item())));
      case LINES -> lines();
      case CURVE -> {
        int letters = random.nextInt(5, Math.max(7, lettersPerLine() + 1));
        yield fitting(List.of(words(letters)));
      }
      case VERTICAL -> columns();
    };
  }

  private int lettersPerLine() {
    double each = ideographic() ? PIXELS_PER_IDEOGRAPH : PIXELS_PER_LETTER;
    return Math.clamp((long) (size.width() / each), 2, LONGEST_LINE);
  }

  private boolean ideographic() {
    return language.vertical();
  }

  private String item() {
    return switch (random.nextInt(10)) {
      case 0 -> language.number(Integer.toString(random.nextInt((int) Math.pow(10, random.nextInt(1, 6)))));
      case 1 -> language.price(price());
      case 2 -> language.date(random.nextInt(1, 29), random.nextInt(1, 13), random.nextInt(1950, 2040));
      default -> cased(pick(language.words()));
    };
  }

  private long price() {
    long price = random.nextInt(50, 100_000);
    return language.decimal().isEmpty() ? 100 * price : price;
  }

  private String cased(String word) {
    if (!language.cased()) {
      return word;
    }
    return switch (random.nextInt(3)) {
      case 0 -> word;
      case 1 -> word.toUpperCase(Locale.ROOT);
      default -> word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
    };
  }

  private List<TextLine> lines() {
    int letters = random.nextInt(Math.max(3, lettersPerLine() / 2), lettersPerLine() + 1);
    int count = random.nextInt(2, Math.clamp((long) (size.height() / PIXELS_PER_LINE), 2, MOST_LINES) + 1);
    List<List<String>> lines = new ArrayList<>();
    if (!language.sentences().isEmpty() && random.nextInt(5) < 2) {
      lines.addAll(broken(language.split(pick(language.sentences())), letters, count));
    } else {
      for (int i = 0; i < count; i++) {
        lines.add(random.nextInt(6) == 0 ? List.of(item()) : words(letters));
      }
    }
    return fitting(lines);
  }

  /** A sentence in lines of about so many letters. */
  private List<List<String>> broken(List<String> words, int letters, int most) {
    List<List<String>> lines = new ArrayList<>();
    List<String> line = new ArrayList<>();
    int length = 0;
    for (String word : words) {
      if (!line.isEmpty() && length + word.length() > letters) {
        lines.add(line);
        line = new ArrayList<>();
        length = 0;
      }
      line.add(word);
      length += word.length() + language.joiner().length();
    }
    lines.add(line);
    return lines.subList(0, Math.min(most, lines.size()));
  }

  /** Words of about so many letters together, at least one. */
  private List<String> words(int letters) {
    List<String> words = new ArrayList<>();
    int left = letters;
    boolean capitals = language.cased() && random.nextInt(6) == 0;
    do {
      String word = words.isEmpty() ? cased(pick(language.words())) : pick(language.words());
      words.add(capitals ? word.toUpperCase(Locale.ROOT) : word);
      left -= word.length() + language.joiner().length();
    } while (left > 2);
    return words;
  }

  private List<TextLine> columns() {
    int letters = Math.clamp((long) (size.height() / PIXELS_PER_IDEOGRAPH), 2, LONGEST_LINE);
    int most = Math.clamp((long) (size.width() / PIXELS_PER_LINE), 1, MOST_LINES);
    int count = random.nextInt(1, most + 1);
    int length = random.nextInt(2, letters + 1);
    List<String> upright = language.words().stream().filter(SceneText::isUpright).toList();
    List<List<String>> columns = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<String> words = new ArrayList<>();
      int left = length;
      do {
        String word = pick(upright);
        words.add(word);
        left -= word.length();
      } while (left > 1);
      columns.add(words);
    }
    return fitting(columns);
  }

  private static boolean isUpright(String word) {
    return word.length() > 1 && word.chars().noneMatch(c -> NOT_UPRIGHT.indexOf(c) >= 0 || c < 0x1100);
  }

  /** The first lines and words that fit in the bytes of a caption. */
  private List<TextLine> fitting(List<List<String>> lines) {
    List<TextLine> fitting = new ArrayList<>();
    int left = bytes;
    for (List<String> words : lines) {
      List<String> some = new ArrayList<>();
      for (String word : words) {
        int needed = (word + language.joiner()).getBytes(StandardCharsets.UTF_8).length + 1;
        if (needed > left) {
          break;
        }
        left -= needed;
        some.add(word);
      }
      if (some.isEmpty()) {
        break;
      }
      fitting.add(TextLine.of(language, some));
    }
    return fitting;
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
