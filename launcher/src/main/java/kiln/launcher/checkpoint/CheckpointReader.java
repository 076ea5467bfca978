package kiln.launcher.checkpoint;

import java.nio.file.Path;
import java.util.List;
import kiln.bindings.UserException;
import kiln.launcher.preset.Preset;
import kiln.model.train.StatePart;
import kiln.model.train.TrainingState;
import kiln.model.weights.WeightFinder;
import kiln.model.weights.WeightNames;
import kiln.model.weights.Weights;
import tools.jackson.databind.node.ObjectNode;

/** Reads checkpoints back; see {@link CheckpointLayout}. */
public final class CheckpointReader {
  private CheckpointReader() {}

  /**
   * Fills what is kept of weights, averages and moments, and counters, so that a run goes on as if it had not been interrupted,
   * whatever number of ranks wrote them and however they divided them. Nothing else is read.
   *
   * @throws UserException if a file is absent, cut short or malformed, or a tensor is missing, misshapen or unknown
   */
  public static void restore(Path checkpoint, List<NetworkFiles> networks, TrainingState state, TrainingRecord record) {
    List<TensorSet> sets = TensorSet.all(networks, state.isAveraged());
    for (StatePart part : sets.stream().map(TensorSet::part).distinct().toList()) {
      state.write(
          part,
          region -> {
            for (TensorSet set : sets.stream().filter(set -> set.part() == part).toList()) {
              Path from = WeightFinder.find(checkpoint.resolve(set.folder()), set.stem());
              Weights.load(from, WeightNames.SAME, state.table(), set.prefix(), region, state.kept(part));
            }
          });
    }
    state.restore(record.step(), record.samplesSeen());
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
    if (saved.trainsTextEncoder() != preset.trainsTextEncoder()) {
      String line = "expected train_text_encoder " + preset.trainsTextEncoder() + ", found " + saved.trainsTextEncoder();
      throw new UserException("checkpoint " + checkpoint + ": " + line);
    }
  }

  /**
   * Whether a run would see the same samples and noise as if it had not been interrupted.
   *
   * @throws UserException if seed or batch differ
   */
  public static void checkSameRun(Path checkpoint, TrainingRecord record, Preset preset, long seed) {
    if (record.seed() != seed) {
      throw new UserException("option --seed: checkpoint " + checkpoint + " has seed " + record.seed() + ", found " + seed);
    }
    if (record.preset().batch() != preset.batch()) {
      int saved = record.preset().batch();
      throw new UserException("batch: checkpoint " + checkpoint + " has batch " + saved + ", found " + preset.batch());
    }
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
}
