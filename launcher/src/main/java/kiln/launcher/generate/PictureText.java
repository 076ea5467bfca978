package kiln.launcher.generate;

import java.util.Locale;
import java.util.StringJoiner;
import kiln.model.pipeline.DrawingSettings;

/**
 * What a picture was drawn from, as one text in the form that other programs read from the PNG chunk {@code parameters}: the
 * prompt, then {@code Negative prompt: …}, then a line of names and values.
 */
final class PictureText {
  private PictureText() {}

  /**
   * @param negative empty for none
   * @param start null for none
   * @param place number of the picture, from 0 on: with the seed it decides the noise
   * @param model name of the model
   */
  static String of(
      String prompt, String negative, DrawingSettings settings, Canvas canvas, StartPicture start, int place, String model) {
    StringJoiner values = new StringJoiner(", ");
    values.add("Steps: " + settings.sampler().steps());
    values.add("Sampler: " + settings.sampler().kind().optionName());
    if (settings.sampler().karras()) {
      values.add("Schedule type: Karras");
    }
    if (settings.sampler().eta() > 0) {
      values.add("Eta: " + number(settings.sampler().eta()));
    }
    values.add("CFG scale: " + number(settings.guidance()));
    if (settings.guidanceRescale() > 0) {
      values.add("Guidance rescale: " + number(settings.guidanceRescale()));
    }
    values.add("Seed: " + settings.seed());
    values.add("Picture: " + (place + 1));
    values.add("Size: " + canvas.width() + "x" + canvas.height());
    if (start != null) {
      values.add("Denoising strength: " + number(start.strength()));
      values.add("Init image: " + start.image().getFileName());
    }
    if (start != null && start.mask() != null) {
      values.add("Mask: " + start.mask().getFileName());
    }
    values.add("Model: " + model);
    String away = negative.isEmpty() ? "" : "\nNegative prompt: " + negative;
    return prompt + away + "\n" + values;
  }

  /** Without zeros that say nothing. */
  private static String number(double value) {
    return value == Math.rint(value) ? String.format(Locale.ROOT, "%.0f", value) : Float.toString((float) value);
  }
}
