package kiln.launcher.generate;

import java.util.Locale;
import java.util.StringJoiner;
import kiln.model.diffusion.SamplerKind;
import kiln.model.pipeline.DrawingSettings;

/**
 * What a picture was drawn from, as one text in the form that other programs read from the PNG chunk {@code parameters}: the
 * prompt, then {@code Negative prompt: …}, then a line of names and values.
 *
 * @param model name of the model
 */
record PictureText(Wanted wanted, DrawingSettings settings, Canvas canvas, String model) {
  /**
   * @param place number of the picture, from 0 on: with the seed it decides the noise
   */
  String of(String prompt, int place) {
    SamplerKind sampler = settings.sampler().kind();
    StringJoiner values = new StringJoiner(", ");
    values.add("Steps: " + settings.sampler().steps());
    values.add("Sampler: " + sampler.optionName());
    if (settings.sampler().karras()) {
      values.add("Schedule type: Karras");
    }
    if (settings.sampler().eta() > 0) {
      values.add("Eta: " + number(settings.sampler().eta()));
    }
    if (!wanted.prompts().isEmpty()) {
      values.add("CFG scale: " + number(settings.guidance()));
    }
    if (settings.guidanceRescale() > 0) {
      values.add("Guidance rescale: " + number(settings.guidanceRescale()));
    }
    values.add("Seed: " + settings.seed());
    values.add("Picture: " + (place + 1));
    values.add("Size: " + canvas.width() + "x" + canvas.height());
    StartPicture start = wanted.start();
    if (start != null) {
      values.add("Denoising strength: " + number(start.strength()));
      values.add("Init image: " + start.image().getFileName());
    }
    if (start != null && start.mask() != null) {
      values.add("Mask: " + start.mask().getFileName());
    }
    values.add("Model: " + model);
    String away = wanted.negative().isEmpty() ? "" : "\nNegative prompt: " + wanted.negative();
    return prompt + away + "\n" + values;
  }

  /** Without zeros that say nothing. */
  private static String number(double value) {
    return value == Math.rint(value) ? String.format(Locale.ROOT, "%.0f", value) : Float.toString((float) value);
  }
}
