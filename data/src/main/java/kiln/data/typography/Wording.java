package kiln.data.typography;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Says what a picture shows: the text in quotes, then how it looks.
 *
 * @param what such as {@code letter}
 * @param looks of the type, such as {@code bold} and {@code serif}
 * @param color of the text
 * @param ground colour of the background
 * @param size such as {@code large}
 * @param place such as {@code top left}
 */
record Wording(String text, String what, List<String> looks, String color, String ground, String size, String place) {
  static String what(String text) {
    if (text.codePoints().allMatch(Character::isDigit)) {
      return text.length() == 1 ? "digit" : "number";
    }
    if (text.codePointCount(0, text.length()) == 1) {
      return Character.isLetter(text.codePointAt(0)) ? "letter" : "character";
    }
    return "word";
  }

  /**
   * The caption with as much detail as fits in so many UTF-8 bytes; the text itself is always there.
   *
   * @param shortShare how often it names the text alone
   */
  String caption(SplittableRandom random, double shortShare, int bytes) {
    String quoted = '"' + text + '"';
    String named = "the " + what + " " + quoted;
    String style = style(true);
    List<String> longToShort = new ArrayList<>();
    if (random.nextDouble() < shortShare) {
      longToShort.add(random.nextBoolean() ? named : quoted);
    } else {
      switch (random.nextInt(4)) {
        case 0 -> {
          String head = named + " in " + style + " on " + ground;
          longToShort.add(head + ", " + size + ", " + place);
          longToShort.add(head + ", " + size);
          longToShort.add(head);
        }
        case 1 -> {
          String head = quoted + " in " + size + " " + style;
          longToShort.add(head + " on a " + ground + " background, " + place);
          longToShort.add(head + " on " + ground + ", " + place);
          longToShort.add(head + " on " + ground);
        }
        case 2 -> {
          String head = "a " + size + " " + color + " " + quoted;
          longToShort.add(head + " in " + style(false) + " type on " + ground + ", " + place);
          longToShort.add(head + " in " + style(false) + " type on " + ground);
          longToShort.add(head + " on " + ground);
        }
        default -> {
          String head = named + ", " + style(false) + ", " + color + " on " + ground;
          longToShort.add(head + ", " + size + ", at the " + place);
          longToShort.add(head + ", " + size);
          longToShort.add(head);
        }
      }
      longToShort.add(named + ", " + color + " on " + ground);
    }
    longToShort.add(named);
    longToShort.add(quoted);
    for (String caption : longToShort) {
      if (caption.getBytes(StandardCharsets.UTF_8).length <= bytes) {
        return caption;
      }
    }
    return text;
  }

  private String style(boolean withColor) {
    List<String> words = new ArrayList<>(looks);
    if (withColor) {
      words.add(words.size() - 1, color);
    }
    return String.join(" ", words);
  }
}
