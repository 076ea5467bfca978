package kiln.data.scenes;

import java.util.Locale;

/** How the text of a scene is arranged. */
public enum SceneLayout {
  /** A word, number, price or date. */
  WORD,
  /** Several lines. */
  LINES,
  /** One line along an arc or a wave. */
  CURVE,
  /** Columns, in languages that are written so. */
  VERTICAL;

  /** As on the command line and in truth. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
