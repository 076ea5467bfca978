package kiln.data.webdataset;

/** Names for messages: they come from outside, and may hold anything. */
final class OneLine {
  private static final int LONGEST = 200;

  private OneLine() {}

  static String of(String name) {
    String shown = name.codePoints().limit(LONGEST).collect(
        StringBuilder::new,
        (text, c) -> text.appendCodePoint(Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE ? '?' : c),
        StringBuilder::append).toString();
    return shown.length() < name.length() ? shown + "…" : shown;
  }
}
