package kiln.launcher.cli;

import java.util.Locale;
import kiln.launcher.preset.Preset;
import kiln.model.pass.Remat;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How much memory training may use, and what it computes once more to get along with it. */
final class MemoryMixin {
  @Option(
      names = "--remat",
      paramLabel = "WHAT",
      description = {
        "Activations that are computed once more in the backward pass instead of being kept: none, blocks (those inside of",
        "residual and transformer blocks: a quarter more work) or full (least memory: half more work). Gradients are the same.",
        "If not given: what the preset says."
      })
  private String remat;

  @Option(
      names = "--memory",
      paramLabel = "BYTES",
      description = {
        "Most memory that one rank may use, as in 8GB: weights, optimizer, activations and the Java heap. If need be,",
        "activations are computed once more (see --remat), as few as will do. With --backend cuda it is the GPU's memory, and",
        "what is free of that if not given."
      })
  private String memory;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** The recipe with what --remat says, if it says anything. */
  Preset apply(Preset preset) {
    if (remat == null) {
      return preset;
    }
    for (Remat known : Remat.values()) {
      if (known.toString().equals(remat.toLowerCase(Locale.ROOT))) {
        return preset.with(known);
      }
    }
    throw new ParameterException(spec.commandLine(), "option --remat: expected none, blocks or full, found " + remat);
  }

  /** Bytes; null for any number. */
  Long limit() {
    return memory == null ? null : ByteSizes.parse(spec, "--memory", memory);
  }
}
