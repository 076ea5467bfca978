package kiln.data.show;

import java.util.List;

/**
 * What the captions of a split are like.
 *
 * @param bytes their lengths as UTF-8
 * @param characters their lengths in Unicode code points
 * @param scripts the most used first
 * @param rightToLeft captions with a letter that is written from right to left
 * @param severalLines captions with a line feed inside
 * @param empty captions without anything but white space
 * @param cut captions longer than their bucket, of which the model sees only the beginning
 * @param notUtf8 captions that are not valid UTF-8
 * @param replaced valid ones with U+FFFD, which an earlier program put where it could not read
 * @param invisible captions with another character that {@link VisibleText} marks
 * @param edged captions that begin or end in white space
 */
public record CaptionStatistics(
    Lengths bytes,
    Lengths characters,
    List<Script> scripts,
    long rightToLeft,
    long severalLines,
    long empty,
    long cut,
    long notUtf8,
    long replaced,
    long invisible,
    long edged) {
  public CaptionStatistics {
    scripts = List.copyOf(scripts);
  }

  /**
   * A Unicode script.
   *
   * @param captions that have a character of it; of {@code Common} and {@code Inherited} only those that have no other
   * @param characters of it in all captions
   */
  public record Script(String name, long captions, long characters) {}
}
