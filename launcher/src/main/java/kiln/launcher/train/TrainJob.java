package kiln.launcher.train;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import kiln.launcher.backend.BackendChoice;
import kiln.launcher.control.ControlOptions;
import kiln.launcher.guard.GuardOptions;
import kiln.launcher.parallel.GradientOptions;
import kiln.launcher.parallel.Sharding;
import kiln.launcher.preset.Preset;
import kiln.launcher.preset.PresetJson;
import kiln.launcher.profile.ProfileRequest;

/**
 * What every rank is told to do, in a file beside the one by which they meet.
 *
 * @param preset the recipe
 * @param data the data set's folder
 * @param reading how it is read
 * @param out the run's folder
 * @param checkpoint to go on from; null to begin
 * @param initial folders of the networks with whose weights to begin, by name; empty to begin with random ones
 * @param vae folder of the trained autoencoder's config.json and weights; null if the preset has its own
 * @param textEncoder folder of the text encoder that stays as it is; null if it is trained, or if there is none
 * @param seed of the initial weights, the order of samples and all noise
 * @param saving when checkpoints are written, and which stay
 * @param backend which kernels compute, and on what device; never auto
 * @param memoryLimit most bytes that one rank may use, of the GPU's memory if that computes; null for any number
 * @param gradients how they go from rank to rank
 * @param guards what is watched
 * @param sharding what ranks divide among themselves
 * @param profile steps to trace; null for none
 * @param control how ranks find each other and notice that one is gone
 * @param resumeCommand what the user can type after an interruption
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record TrainJob(
    Preset preset,
    Path data,
    DataOptions reading,
    Path out,
    Path checkpoint,
    Map<String, Path> initial,
    Path vae,
    Path textEncoder,
    long seed,
    SaveOptions saving,
    BackendChoice backend,
    Long memoryLimit,
    GradientOptions gradients,
    GuardOptions guards,
    Sharding sharding,
    ProfileRequest profile,
    ControlOptions control,
    String resumeCommand) {

  /** For {@link #parse} on another rank. */
  String text() {
    return PresetJson.MAPPER.writeValueAsString(this);
  }

  static TrainJob parse(String text) {
    return PresetJson.MAPPER.readValue(text, TrainJob.class);
  }

  void write(Path file) {
    try {
      Files.writeString(file, text());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static TrainJob read(Path file) {
    return PresetJson.MAPPER.readValue(file, TrainJob.class);
  }
}
