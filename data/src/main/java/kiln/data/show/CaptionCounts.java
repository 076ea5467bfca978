package kiln.data.show;

import java.lang.Character.UnicodeScript;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import kiln.data.text.Utf8;

/** What is counted of captions, one after the other, in bounded memory. */
final class CaptionCounts {
  private final LengthHistogram bytes = new LengthHistogram();
  private final LengthHistogram characters = new LengthHistogram();
  private final Map<UnicodeScript, long[]> scripts = new EnumMap<>(UnicodeScript.class); // captions, characters
  private long empty;
  private long notUtf8;
  private long marked;
  private long replaced;
  private long edged;
  private long severalLines;
  private long rightToLeft;

  /** The scripts of one caption, and what else is in it. */
  private static final class Seen {
    private final EnumSet<UnicodeScript> scripts = EnumSet.noneOf(UnicodeScript.class);
    private boolean marked;
    private boolean replaced;
    private boolean rightToLeft;
  }

  void add(byte[] caption) {
    bytes.add(caption.length);
    boolean sound = true;
    String text;
    try {
      text = Utf8.decode(caption, "caption");
    } catch (Utf8.InvalidUtf8Exception e) {
      sound = false;
      text = new String(caption, StandardCharsets.UTF_8);
    }
    characters.add(text.codePointCount(0, text.length()));
    Seen seen = new Seen();
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      add(text.codePointAt(i), seen);
    }
    empty += text.isBlank() ? 1 : 0;
    notUtf8 += sound ? 0 : 1;
    marked += seen.marked ? 1 : 0;
    replaced += sound && seen.replaced ? 1 : 0;
    edged += !text.isBlank() && !text.strip().equals(text) ? 1 : 0;
    severalLines += text.strip().indexOf('\n') >= 0 ? 1 : 0;
    rightToLeft += seen.rightToLeft ? 1 : 0;
    if (seen.scripts.size() > 1) {
      seen.scripts.remove(UnicodeScript.COMMON);
      seen.scripts.remove(UnicodeScript.INHERITED);
    }
    for (UnicodeScript script : seen.scripts) {
      scripts.get(script)[0]++;
    }
  }

  private void add(int codePoint, Seen seen) {
    UnicodeScript script = UnicodeScript.of(codePoint);
    scripts.computeIfAbsent(script, _ -> new long[2])[1]++;
    seen.scripts.add(script);
    seen.marked |= codePoint != '\n' && VisibleText.isMarked(codePoint);
    seen.replaced |= codePoint == 0xFFFD;
    byte direction = Character.getDirectionality(codePoint);
    seen.rightToLeft |=
        direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT || direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT_ARABIC;
  }

  CaptionStatistics summary(long cut) {
    List<CaptionStatistics.Script> used = new ArrayList<>();
    scripts.forEach((script, n) -> used.add(new CaptionStatistics.Script(name(script), n[0], n[1])));
    used.sort(
        Comparator.comparingLong(CaptionStatistics.Script::captions)
            .thenComparingLong(CaptionStatistics.Script::characters)
            .reversed()
            .thenComparing(CaptionStatistics.Script::name));
    return new CaptionStatistics(
        bytes.summary(), characters.summary(), used, rightToLeft, severalLines, empty, cut, notUtf8, replaced, marked,
        edged);
  }

  /** {@code Old Persian}, as it is written in Unicode's tables but for the underscore. */
  private static String name(UnicodeScript script) {
    StringBuilder name = new StringBuilder();
    for (String word : script.name().split("_")) {
      name.append(name.isEmpty() ? "" : " ").append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
    }
    return name.toString();
  }
}
