package kiln.launcher.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import kiln.launcher.transfer.Exporter;
import kiln.launcher.transfer.NetworkOutput;
import kiln.model.weights.SafetensorsType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kiln export}. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    sortOptions = false,
    description = {
      "Writes the model of a checkpoint as a folder that diffusers and transformers load: networks, scheduler, tokenizer.",
      "",
      "Numbers are float32 if --dtype is not given."
    })
final class ExportCommand implements Runnable {
  /** Which weights of a checkpoint. */
  enum Which {
    /** The moving averages. */
    EMA,
    /** Those of the last step. */
    RAW
  }

  @Option(
      names = "--checkpoint",
      required = true,
      paramLabel = "DIR",
      description = "Checkpoint, or run, whose newest checkpoint is taken.")
  private Path checkpoint;

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "Folder to write; must not be there yet.")
  private Path out;

  @Option(
      names = "--weights",
      paramLabel = "WHICH",
      defaultValue = "ema",
      description = "ema (the moving averages, with which generate draws) or raw (those of the last step).")
  private Which which;

  @Mixin private WeightsMixin weights;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    PrintWriter lines = spec.commandLine().getOut();
    NetworkOutput output = new NetworkOutput(weights.dtype(SafetensorsType.F32), weights.maxShardBytes());
    new Exporter(which == Which.EMA, output, lines::println).export(checkpoint, out);
    lines.println("wrote " + out);
    lines.flush();
  }
}
