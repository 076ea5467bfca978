package kiln.data.show;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Text of any origin, split into what can be shown as it is and marks for what cannot be seen, or would change how other text is
 * shown: control characters, direction marks, line and paragraph separators, code points without a character, halves of
 * surrogate pairs, and bytes that are not UTF-8. Joiners stay, since scripts and emoji need them.
 */
public final class VisibleText {
  /** The mark of the one character that begins a new line. */
  public static final String LINE_FEED = "\\n";

  private VisibleText() {}

  /**
   * A run of ordinary text, or a mark.
   *
   * @param text as programmers write it: {@code \n}, {@code \r}, {@code \t}, <code>\&#x75;{202E}</code> for other code points,
   *     {@code \xFF} for a byte
   * @param meaning what a mark stands for; empty for ordinary text
   */
  public record Part(String text, String meaning) {
    public boolean isMark() {
      return !meaning.isEmpty();
    }
  }

  /** The parts of bytes that should be UTF-8. */
  public static List<Part> parts(byte[] utf8) {
    Splitter splitter = new Splitter();
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder(); // reports by default
    ByteBuffer in = ByteBuffer.wrap(utf8);
    CharBuffer out = CharBuffer.allocate(utf8.length + 1);
    while (true) {
      CoderResult result = decoder.decode(in, out, true);
      splitter.addAll(out.flip());
      out.clear();
      if (!result.isError()) {
        return splitter.finish();
      }
      for (int i = 0; i < result.length(); i++) {
        splitter.mark(String.format("\\x%02X", in.get() & 0xff), "a byte that is not UTF-8");
      }
    }
  }

  /** The parts of a text, which may hold halves of surrogate pairs. */
  public static List<Part> parts(String text) {
    Splitter splitter = new Splitter();
    splitter.addAll(text);
    return splitter.finish();
  }

  /** One line, with the marks in their places. */
  public static String line(String text) {
    StringBuilder line = new StringBuilder();
    parts(text).forEach(part -> line.append(part.text()));
    return line.toString();
  }

  /** Whether a code point gets a mark. */
  public static boolean isMarked(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE,
          Character.UNASSIGNED, Character.PRIVATE_USE -> true;
      case Character.FORMAT -> !isSeenOrNeeded(codePoint);
      default -> false;
    };
  }

  /** Format characters that join letters, or have a shape of their own (Arabic and Syriac signs over numbers). */
  private static boolean isSeenOrNeeded(int codePoint) {
    return codePoint == 0x200C
        || codePoint == 0x200D
        || (codePoint >= 0x600 && codePoint <= 0x605)
        || codePoint == 0x6DD
        || codePoint == 0x70F
        || codePoint == 0x8E2;
  }

  private static final class Splitter {
    private final List<Part> parts = new ArrayList<>();
    private final StringBuilder run = new StringBuilder();

    void addAll(CharSequence text) {
      text.codePoints().forEach(this::add);
    }

    private void add(int c) {
      if (!isMarked(c)) {
        run.appendCodePoint(c);
        return;
      }
      String text =
          switch (c) {
            case '\n' -> LINE_FEED;
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            default -> String.format("\\u{%04X}", c);
          };
      mark(text, name(c));
    }

    private static String name(int c) {
      String name = Character.getName(c);
      return String.format("U+%04X", c) + (name == null ? ", unassigned" : " " + name);
    }

    void mark(String text, String meaning) {
      endRun();
      parts.add(new Part(text, meaning));
    }

    private void endRun() {
      if (!run.isEmpty()) {
        parts.add(new Part(run.toString(), ""));
        run.setLength(0);
      }
    }

    List<Part> finish() {
      endRun();
      return parts;
    }
  }
}
