package kiln.launcher.train;

import java.nio.file.Path;
import kiln.launcher.backend.BackendChoice;
import kiln.launcher.control.ControlOptions;
import kiln.launcher.guard.GuardOptions;
import kiln.launcher.parallel.GradientOptions;
import kiln.launcher.parallel.Sharding;
import kiln.launcher.preset.Preset;
import kiln.launcher.profile.ProfileRequest;

/**
 * What the user asks for.
 *
 * @param preset with the user's own values in it
 * @param data a data set's folder
 * @param reading how it is read
 * @param out the run's folder
 * @param ranks number of processes
 * @param resume whether to go on from the newest checkpoint in {@code out}
 * @param seed of the initial weights, the order of samples and all noise
 * @param init folder of a model to begin with; null to begin with random weights
 * @param vae run, checkpoint or folder with a trained autoencoder; null if none is given
 * @param saving when checkpoints are written, and which stay
 * @param backend which kernels compute, and on what device
 * @param memoryLimit most bytes that one rank may use, of the GPU's memory if that computes; null for any number
 * @param gradients how they go from rank to rank
 * @param guards what is watched
 * @param sharding what ranks divide among themselves
 * @param profile steps to trace; null for none
 * @param control how ranks find each other and notice that one is gone
 * @param command the command line, for the line that says how to resume; only {@code train} needs {@code --resume} for it
 */
public record TrainRequest(
    Preset preset,
    Path data,
    DataOptions reading,
    Path out,
    int ranks,
    boolean resume,
    long seed,
    Path init,
    Path vae,
    SaveOptions saving,
    BackendChoice backend,
    Long memoryLimit,
    GradientOptions gradients,
    GuardOptions guards,
    Sharding sharding,
    ProfileRequest profile,
    ControlOptions control,
    String command) {

  /** The same, going on from the newest checkpoint. */
  TrainRequest resuming() {
    return new TrainRequest(
        preset, data, reading, out, ranks, true, seed, init, vae, saving, backend, memoryLimit, gradients, guards, sharding,
        profile, control, command);
  }

  /** Whether it is {@code kiln train} that asks, not a larger job. */
  boolean isTrainCommand() {
    return command.contains(" train ");
  }

  /** The command line that goes on with this run. */
  String resumeCommand() {
    boolean goesOnByItself = !isTrainCommand() || command.contains(" --resume");
    return goesOnByItself ? command : command + " --resume";
  }
}
