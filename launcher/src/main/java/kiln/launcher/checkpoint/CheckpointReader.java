package kiln.launcher.checkpoint;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import kiln.bindings.UserException;
import kiln.launcher.preset.Preset;
import kiln.model.graph.Parameter;
import kiln.model.plan.ParameterTable;
import tools.jackson.databind.node.ObjectNode;

/** Reads checkpoints back; see {@link CheckpointWriter} for their layout. */
public final class CheckpointReader {
  private CheckpointReader() {}

  /**
   * Fills weights, averages and moments, so that a run goes on as if it had not been interrupted.
   *
   * @throws UserException if a file is absent, cut short or malformed, or a tensor is missing, misshapen or unknown
   */
  public static void restore(Path checkpoint, Iterable<NetworkFiles> networks, TrainingTensors tensors) {
    for (NetworkFiles network : networks) {
      network.readWeights(checkpoint.resolve(network.folder()), tensors.table(), tensors.weights());
      Path average = checkpoint.resolve(CheckpointWriter.AVERAGE).resolve(network.folder());
      network.readWeights(average, tensors.table(), tensors.average());
    }
    Map<String, NetworkFiles.Place> moments = new LinkedHashMap<>();
    for (ParameterTable.Entry entry : tensors.table().entries()) {
      Parameter p = entry.parameter();
      moments.put(CheckpointWriter.MOMENT1 + p.name(), new NetworkFiles.Place(p.shape(), entry.slice(tensors.moment1())));
      moments.put(CheckpointWriter.MOMENT2 + p.name(), new NetworkFiles.Place(p.shape(), entry.slice(tensors.moment2())));
    }
    NetworkFiles.readTensors(checkpoint.resolve(CheckpointWriter.OPTIMIZER), moments);
  }

  /**
   * Whether a run may go on from a checkpoint.
   *
   * @throws UserException if it is of another preset, or of other networks
   */
  public static void checkSamePreset(Path checkpoint, TrainingRecord record, Preset preset) {
    Preset saved = record.preset();
    if (!saved.name().equals(preset.name())) {
      throw new UserException("checkpoint " + checkpoint + ": expected preset " + preset.name() + ", found " + saved.name());
    }
    checkSameNetwork(checkpoint, "vae", saved.vae(), preset.vae());
    checkSameNetwork(checkpoint, "unet", saved.unet(), preset.unet());
    checkSameNetwork(checkpoint, "text_encoder", saved.textEncoder(), preset.textEncoder());
    checkSameNetwork(checkpoint, "scheduler", saved.scheduler(), preset.scheduler());
  }

  private static void checkSameNetwork(Path checkpoint, String name, ObjectNode saved, ObjectNode wanted) {
    if (saved == null || wanted == null) {
      return;
    }
    for (String field : wanted.propertyNames()) {
      if (!wanted.get(field).equals(saved.get(field))) {
        String line = "expected " + name + "." + field + " " + wanted.get(field) + ", found " + saved.get(field);
        throw new UserException("checkpoint " + checkpoint + ": " + line);
      }
    }
  }

  /** Where the files of a trained network lie, averaged or as the last step left them. */
  public static Path network(Path checkpoint, String folder, boolean averaged) {
    return (averaged ? checkpoint.resolve(CheckpointWriter.AVERAGE) : checkpoint).resolve(folder);
  }

  /** The scheduler's configuration file. */
  public static Path scheduler(Path checkpoint) {
    return checkpoint.resolve(CheckpointWriter.SCHEDULER).resolve(CheckpointWriter.SCHEDULER_CONFIG);
  }
}
