package kiln.launcher.generate;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Pictures that a user asks for.
 *
 * @param prompts what they show; empty for a model without text
 * @param negative what guidance steers away from; empty for nothing in particular
 * @param label the class that they show; null without classes
 * @param count pictures of each prompt
 * @param height in pixels; 0 for that of training, or of the start
 * @param width in pixels; 0 for that of training, or of the start
 * @param start what they start from; null for noise
 * @param out PNG file
 */
public record Wanted(
    List<String> prompts, String negative, Integer label, int count, int height, int width, StartPicture start, Path out) {
  public Wanted {
    prompts = List.copyOf(prompts);
  }

  /** Every prompt as often as it is to be drawn. */
  List<String> captions() {
    List<String> captions = new ArrayList<>();
    for (String prompt : prompts) {
      for (int i = 0; i < count; i++) {
        captions.add(prompt);
      }
    }
    return captions;
  }
}
