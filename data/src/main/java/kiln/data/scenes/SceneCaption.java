package kiln.data.scenes;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import kiln.data.typeset.CaptionWords;
import kiln.data.typography.FontFace;
import kiln.data.typography.Ink;

/** Says what a scene shows: the text exactly, in quotation marks, then how it looks. */
final class SceneCaption {
  private static final double MENTIONED = 0.75;
  private static final int CENTRE = 43; // percent of the side: where "left" ends

  /** Families whose names say whether they have serifs; there are scripts to which the words do not apply. */
  private static final Pattern CLASSED = Pattern.compile("\\b(serif|sans|mono)\\b", Pattern.CASE_INSENSITIVE);

  private SceneCaption() {}

  /**
   * The caption with as much detail as fits in so many UTF-8 bytes; the text itself is always there.
   *
   * @param shortShare how often it names the text alone
   */
  static String of(Scene scene, CaptionWords words, double shortShare, int bytes, SplittableRandom random) {
    String text = scene.arrangement().text();
    List<String> longToShort = new ArrayList<>();
    String template = words.templates().get(random.nextInt(words.templates().size()));
    List<String> details = details(scene, words);
    details.removeIf(_ -> random.nextDouble() >= MENTIONED);
    if (random.nextDouble() >= shortShare) {
      String head =
          template
              .replace("{ink}", words.ink().replace("{}", words.inks().get(Ink.ALL.indexOf(scene.style().ink()))))
              .replace("{ground}", ground(scene.ground(), words));
      for (int n = details.size(); n >= 0; n--) {
        StringBuilder caption = new StringBuilder(head);
        details.subList(0, n).forEach(detail -> caption.append(words.separator()).append(detail));
        longToShort.add(caption.toString());
      }
    }
    longToShort.add(words.brief());
    longToShort.add("\"{text}\"");
    for (String caption : longToShort) {
      String filled = caption.replace("{text}", text);
      if (filled.getBytes(StandardCharsets.UTF_8).length <= bytes) {
        return filled;
      }
    }
    return text;
  }

  private static String ground(Ground ground, CaptionWords words) {
    return switch (ground) {
      case Ground.Plain plain -> words.ground().replace("{}", words.grounds().get(Ink.ALL.indexOf(plain.ink())));
      case Ground.Texture texture -> words.word(texture.kind().equals("gradient") ? "gradient" : "texture");
      case Ground.Photo _ -> words.word("photo");
    };
  }

  private static List<String> details(Scene scene, CaptionWords words) {
    List<String> details = new ArrayList<>();
    if (!scene.bent().isEmpty()) {
      details.add(words.word(scene.bent()));
    }
    if (scene.layout() == SceneLayout.VERTICAL) {
      details.add(words.word("vertical"));
    } else if (scene.arrangement().lines().size() > 1) {
      details.add(words.word("lines").replace("{}", Integer.toString(scene.arrangement().lines().size())));
    }
    if (scene.arrangement().turn() != 0) {
      details.add(words.word("tilted"));
    }
    FontFace face = scene.typeface().face();
    if (face.bold()) {
      details.add(words.word("bold"));
    }
    if (face.italic()) {
      details.add(words.word("italic"));
    }
    if (CLASSED.matcher(face.family()).find() && face.kind() != FontFace.Kind.SCRIPT) {
      details.add(words.word(face.kind().word()));
    }
    if (scene.style().rim().isPresent()) {
      details.add(words.word("outline"));
    }
    if (scene.style().shadow().isPresent()) {
      details.add(words.word("shadow"));
    }
    details.add(words.word(place(scene)));
    return details;
  }

  private static String place(Scene scene) {
    var ink = scene.arrangement().bounds();
    String vertical = third(ink.getCenterY() / scene.size().height(), "top", "bottom");
    String horizontal = third(ink.getCenterX() / scene.size().width(), "left", "right");
    String both = (vertical + " " + horizontal).strip();
    return both.isEmpty() ? "center" : both;
  }

  private static String third(double centre, String low, String high) {
    return 100 * centre < CENTRE ? low : 100 * centre > 100 - CENTRE ? high : "";
  }
}
