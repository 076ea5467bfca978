package kiln.launcher.checkpoint;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import kiln.bindings.UserException;
import kiln.launcher.preset.PresetJson;
import tools.jackson.core.JacksonException;

/** Finds the checkpoint that a run goes on from: the newest one of which every byte is as it was written. */
public final class CheckpointChoice {
  private CheckpointChoice() {}

  /**
   * Reads all files of the newest checkpoint, and of those before it while they are damaged.
   *
   * @param warnings hears of checkpoints that are passed over
   * @return empty if the run has not saved any
   * @throws UserException if all are damaged, or were written by an earlier version
   */
  public static Optional<Path> newest(RunFolder run, Consumer<String> warnings) {
    List<Path> all = run.all();
    String first = null;
    for (Path checkpoint : all.reversed()) {
      refuseOlder(checkpoint);
      if (!RunFolder.isComplete(checkpoint)) {
        warnings.accept("checkpoint " + checkpoint.getFileName() + " was not written to its end and is passed over");
        continue;
      }
      Optional<String> damage = damage(checkpoint);
      if (damage.isEmpty()) {
        return Optional.of(checkpoint);
      }
      first = first == null ? damage.get() : first;
      warnings.accept("checkpoint " + checkpoint.getFileName() + " is damaged and passed over: " + damage.get());
    }
    if (first != null) {
      throw new UserException(first + "; there is no checkpoint before it that is whole");
    }
    return Optional.empty();
  }

  /** What is wrong with any byte of a checkpoint, in one line that names the file; empty if nothing is. */
  public static Optional<String> damage(Path checkpoint) {
    try {
      CheckpointManifest manifest = CheckpointManifest.read(checkpoint);
      return manifest.damageOfAnyByte(checkpoint).or(() -> wrongStep(checkpoint, manifest.step()));
    } catch (UserException e) {
      return Optional.of(e.getMessage());
    } catch (JacksonException e) {
      return Optional.of(checkpoint.resolve(TrainingRecord.FILE) + ": not a readable record of training");
    }
  }

  /** The manifest vouches for all other files; for its own step only they do. */
  private static Optional<String> wrongStep(Path checkpoint, long step) {
    long expected = PresetJson.MAPPER.readTree(checkpoint.resolve(TrainingRecord.FILE)).path("step").asLong(-1);
    String found = checkpoint.resolve(CheckpointManifest.FILE) + ": step: found " + step + ", expected " + expected;
    return step == expected ? Optional.empty() : Optional.of(found);
  }

  /** Version 1 had no manifest; such a checkpoint must not be taken for one that was not written to its end, and removed. */
  private static void refuseOlder(Path checkpoint) {
    if (!RunFolder.isComplete(checkpoint) && TrainingRecord.isOfVersionWithoutManifest(checkpoint)) {
      Path file = checkpoint.resolve(TrainingRecord.FILE);
      throw new UserException(file + ": format_version: expected " + TrainingRecord.VERSION + ", found 1");
    }
  }
}
