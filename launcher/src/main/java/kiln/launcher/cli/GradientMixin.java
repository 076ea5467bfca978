package kiln.launcher.cli;

import java.util.Locale;
import kiln.launcher.parallel.GradientOptions;
import kiln.launcher.parallel.WireType;
import kiln.launcher.transport.TransportKind;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How gradients go from rank to rank. */
final class GradientMixin {
  private static final long LEAST = 4 << 10;

  @Option(
      names = "--bucket-size",
      paramLabel = "BYTES",
      description = {
        "Most bytes of gradients that go to other ranks at once, as in 25MB. If not given: √(bytes of all gradients ×",
        "latency × bandwidth), both measured at the start."
      })
  private String bucketSize;

  @Option(
      names = "--wire",
      paramLabel = "TYPE",
      defaultValue = "float32",
      description = "As what gradients go: float32, or bf16 (half the bytes, rounded).")
  private String wire;

  @Option(
      names = "--overlap",
      paramLabel = "WHEN",
      defaultValue = "on",
      description = "on: gradients go while backward is still running; off: after it, for comparison. Results are the same.")
  private String overlap;

  @Option(
      names = "--transport",
      paramLabel = "NAME",
      defaultValue = "auto",
      description = {
        "What joins the ranks: local (memory that they share), or, if mpirun or srun started them, mpi (Open MPI) or hierarchical",
        "(memory inside each machine, Open MPI across); nccl (with --backend cuda, a GPU for each rank). auto: nccl where it can,",
        "else local on one machine, else hierarchical if one has several ranks. From a GPU all but nccl go through the host's memory."
      })
  private TransportKind transport;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  GradientOptions options() {
    Long bytes = bucketSize == null ? null : ByteSizes.parse(spec, "--bucket-size", bucketSize);
    if (bytes != null && bytes < LEAST) {
      throw mistake("--bucket-size: expected at least 4KiB, found " + bucketSize);
    }
    return new GradientOptions(bytes, type(), overlaps(), transport);
  }

  TransportKind transport() {
    return transport;
  }

  private WireType type() {
    for (WireType known : WireType.values()) {
      if (known.toString().equals(wire.toLowerCase(Locale.ROOT))) {
        return known;
      }
    }
    throw mistake("--wire: expected float32 or bf16, found " + wire);
  }

  private boolean overlaps() {
    return switch (overlap.toLowerCase(Locale.ROOT)) {
      case "on" -> true;
      case "off" -> false;
      default -> throw mistake("--overlap: expected on or off, found " + overlap);
    };
  }

  private ParameterException mistake(String line) {
    return new ParameterException(spec.commandLine(), "option " + line);
  }
}
