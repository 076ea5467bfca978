package kiln.launcher.cli;

import java.nio.file.Path;
import kiln.launcher.generate.StartPicture;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The picture that drawings start from, instead of noise. */
final class StartMixin {
  private static final double STRENGTH = 0.8;
  private static final double STRENGTH_WITH_MASK = 1;

  @Option(
      names = "--init-image",
      paramLabel = "FILE",
      description = "Start from this picture instead of noise; drawings have its size.")
  private Path image;

  @Option(
      names = "--strength",
      paramLabel = "SHARE",
      description = {
        "Share of the steps that are walked from --init-image: little stays near it, 1 is free.",
        "0.8 if not given; 1 with --mask, where nothing is left of what is repainted."
      })
  private Double strength;

  @Option(
      names = "--mask",
      paramLabel = "FILE",
      description = "Picture of the size of --init-image: white is repainted, black keeps its pixels exactly.")
  private Path mask;

  /** Null if drawings start from noise. */
  StartPicture start(CommandSpec spec, String size) {
    if (image == null) {
      String option = mask != null ? "--mask" : strength != null ? "--strength" : null;
      if (option != null) {
        throw new ParameterException(spec.commandLine(), "option " + option + ": expected --init-image with it, found none");
      }
      return null;
    }
    if (size != null) {
      throw new ParameterException(spec.commandLine(), "option --size: drawings have the size of --init-image, found " + size);
    }
    double share = strength != null ? strength : mask == null ? STRENGTH : STRENGTH_WITH_MASK;
    return new StartPicture(image, mask, share);
  }
}
