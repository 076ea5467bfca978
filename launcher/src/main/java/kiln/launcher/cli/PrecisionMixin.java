package kiln.launcher.cli;

import kiln.launcher.preset.Precision;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What networks compute in. */
final class PrecisionMixin {
  @Option(
      names = "--precision",
      paramLabel = "TYPE",
      description = {
        "What networks compute in: fp32, or bf16 (bfloat16: faster, half the memory for activations; weights stay float32).",
        "If not given: what the preset says in training, fp32 in drawing."
      })
  private String precision;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** What --precision says, or {@code missing}. */
  Precision precision(Precision missing) {
    if (precision == null) {
      return missing;
    }
    Precision found = Precision.of(precision);
    if (found == null) {
      throw new ParameterException(spec.commandLine(), "option --precision: expected fp32 or bf16, found " + precision);
    }
    return found;
  }
}
