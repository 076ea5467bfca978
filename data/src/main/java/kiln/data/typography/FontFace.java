package kiln.data.typography;

import java.awt.Font;
import java.awt.font.FontRenderContext;
import java.awt.font.GlyphVector;
import java.awt.geom.AffineTransform;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * One face of a font family, with what its name says about its looks.
 *
 * @param font at {@link #DESIGN_SIZE}
 * @param file where it was found
 * @param kind for captions, such as {@code serif}
 * @param capHeight height of an H at that size
 */
public record FontFace(Font font, Path file, Kind kind, boolean bold, boolean light, boolean italic, double capHeight) {
  /** Large, so that hinting and rounding play no role in the outlines. */
  public static final float DESIGN_SIZE = 256;

  private static final FontRenderContext CONTEXT = new FontRenderContext(new AffineTransform(), true, true);
  private static final Pattern BOLD = Pattern.compile("bold|black|heavy", Pattern.CASE_INSENSITIVE);
  private static final Pattern LIGHT = Pattern.compile("light|thin|hairline", Pattern.CASE_INSENSITIVE);
  private static final Pattern ITALIC = Pattern.compile("italic|oblique|slanted", Pattern.CASE_INSENSITIVE);

  /** The classes of type that captions tell apart, recognised by words in family names. */
  public enum Kind {
    MONOSPACE("monospace", "mono|courier|typewriter|fixed|code|console|terminal|cursor"),
    SCRIPT("script", "script|hand|chancery|brush|cursive|callig"),
    SERIF(
        "serif",
        "(?<!sans.)serif|roman|times|tinos|garamond|georgia|gyre|bodoni|baskerville|palat|schola|bookman|caslon|century"),
    SANS("sans", "");

    private final String word;
    private final Pattern names;

    Kind(String word, String names) {
      this.word = word;
      this.names = Pattern.compile(names, Pattern.CASE_INSENSITIVE);
    }

    public String word() {
      return word;
    }

    static Kind of(String family) {
      for (Kind kind : values()) {
        if (kind.names.matcher(family).find()) {
          return kind;
        }
      }
      return SANS;
    }
  }

  static FontFace of(Font font, Path file) {
    Font sized = font.deriveFont(DESIGN_SIZE);
    String name = font.getFontName(Locale.ENGLISH);
    return new FontFace(
        sized,
        file,
        Kind.of(font.getFamily(Locale.ENGLISH)),
        BOLD.matcher(name).find(),
        LIGHT.matcher(name).find(),
        ITALIC.matcher(name).find(),
        sized.createGlyphVector(CONTEXT, "H").getVisualBounds().getHeight());
  }

  public String family() {
    return font.getFamily(Locale.ENGLISH);
  }

  public String name() {
    return font.getFontName(Locale.ENGLISH);
  }

  /** The glyphs of a text at {@link #DESIGN_SIZE}, shaped where the script needs it. */
  public GlyphVector glyphs(String text) {
    char[] characters = text.toCharArray();
    return Font.textRequiresLayout(characters, 0, characters.length)
        ? font.layoutGlyphVector(CONTEXT, characters, 0, characters.length, Font.LAYOUT_LEFT_TO_RIGHT)
        : font.createGlyphVector(CONTEXT, characters);
  }

  /** Whether it has glyphs for the whole text, and ink in them. */
  public boolean shows(String text) {
    return font.canDisplayUpTo(text) == -1 && !glyphs(text).getVisualBounds().isEmpty();
  }
}
