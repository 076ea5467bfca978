package kiln.launcher.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kiln.bindings.UserException;
import kiln.launcher.preset.Preset;
import kiln.launcher.preset.PresetCatalog;
import kiln.launcher.transfer.ModelStart;
import kiln.launcher.transfer.NetworkOutput;
import kiln.model.weights.SafetensorsType;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kiln init}. */
@Command(
    name = "init",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    sortOptions = false,
    description = {
      "Makes a model folder from which kiln train --init begins: each network of a preset is taken from the folders that are"
          + " given, tensor by tensor, and begins anew where none has it. What is another network is refused; only the keys"
          + " and values of a UNet's cross-attentions begin anew where the text encoder has another width.",
      "",
      "Numbers are float32 if --dtype is not given."
    })
final class InitCommand implements Runnable {
  @Option(
      names = "--preset",
      required = true,
      paramLabel = "NAME",
      completionCandidates = TrainCommand.Names.class,
      description = "The networks: those of ${COMPLETION-CANDIDATES}.")
  private String preset;

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "Folder to write; must not be there yet.")
  private Path out;

  @Option(
      names = "--from",
      paramLabel = "DIR",
      description = "Model to take networks from: a folder in the layout of diffusers, a run or a checkpoint.")
  private Path from;

  @Option(
      names = "--text-encoder",
      paramLabel = "DIR",
      description = "Folder (of a T5 encoder or a whole T5) or model to take the text encoder from instead.")
  private Path textEncoder;

  @Option(names = "--vae", paramLabel = "DIR", description = "Folder or model to take the autoencoder from instead.")
  private Path vae;

  @Option(names = "--seed", paramLabel = "N", defaultValue = "0", description = "Of what begins anew, as in train.")
  private long seed;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "As in train: a value of the preset to replace; may be repeated.",
      showDefaultValue = CommandLine.Help.Visibility.NEVER)
  private List<String> settings = new ArrayList<>();

  @Mixin private WeightsMixin weights;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    PrintWriter lines = spec.commandLine().getOut();
    NetworkOutput output = new NetworkOutput(weights.dtype(SafetensorsType.F32), weights.maxShardBytes());
    ModelStart start = new ModelStart(recipe(), seed, output, lines::println);
    start.write(new ModelStart.Given(from, textEncoder, vae), out);
    lines.println("wrote " + out);
    lines.flush();
  }

  private Preset recipe() {
    try {
      return PresetCatalog.get(preset, settings);
    } catch (UserException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
