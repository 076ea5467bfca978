package kiln.launcher.checkpoint;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.nio.file.Files;
import java.nio.file.Path;
import kiln.bindings.UserException;
import kiln.launcher.parallel.Sharding;
import kiln.launcher.preset.Preset;
import kiln.launcher.preset.PresetJson;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * training.json: all of a run's state that is not a tensor. Random numbers have no other state than this: they are
 * Philox4x32-10 of (seed, stream, step, sample). Gradients have none either: a run is saved between
 * steps, when none are being added up.
 *
 * @param formatVersion {@link #VERSION}
 * @param versions of what has computed the numbers
 * @param preset the whole configuration, with what the user set otherwise
 * @param seed of the initial weights, the order of samples and all noise
 * @param step updates made
 * @param samplesSeen samples of all updates, which is where the reader goes on
 * @param epoch how often all samples have been seen
 * @param stepInEpoch steps of this epoch that have been taken; null in checkpoints of earlier versions, where it follows from the
 *     step and the data
 * @param data what the run is trained on
 * @param ranks how many processes made the last update; another number may go on
 * @param sharding what they divided; something else may be divided from here on
 * @param seconds wall-clock time of training so far
 */
public record TrainingRecord(
    int formatVersion,
    Versions versions,
    Preset preset,
    long seed,
    long step,
    long samplesSeen,
    long epoch,
    Long stepInEpoch,
    DataRecord data,
    int ranks,
    Sharding sharding,
    double seconds) {
  /** Of the checkpoint's layout: see {@link CheckpointLayout}. */
  public static final int VERSION = CheckpointManifest.VERSION;

  public static final String FILE = "training.json";

  /**
   * @param folder where it lay
   * @param fingerprint of its content
   * @param samples how many there are to train on; how many were there, if the data set was still being made
   * @param asWritten true if the first epoch is in the order of writing; absent if not
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record DataRecord(String folder, String fingerprint, long samples, Boolean asWritten) {
    /** Whether the first epoch is in the order of writing. */
    public boolean inOrderOfWriting() {
      return Boolean.TRUE.equals(asWritten);
    }
  }

  byte[] toJson() {
    return PresetJson.MAPPER.writeValueAsBytes(this);
  }

  /** Whether a folder is a checkpoint of version 1, which had no manifest; one that was interrupted while it was written is none. */
  static boolean isOfVersionWithoutManifest(Path checkpoint) {
    Path file = checkpoint.resolve(FILE);
    try {
      return Files.isRegularFile(file) && PresetJson.MAPPER.readTree(file).path("format_version").asInt(0) == 1;
    } catch (JacksonException e) {
      return false;
    }
  }

  /**
   * @throws UserException if the file is absent, unreadable or of another version
   */
  public static TrainingRecord read(Path checkpoint) {
    Path file = checkpoint.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      throw new UserException(checkpoint + ": no " + FILE + ", expected a checkpoint");
    }
    try {
      JsonNode json = PresetJson.MAPPER.readTree(file);
      JsonNode version = json.path("format_version");
      if (!version.isInt() || version.intValue() != VERSION) {
        throw new UserException(file + ": format_version: expected " + VERSION + ", found " + version);
      }
      return PresetJson.MAPPER.treeToValue(json, TrainingRecord.class);
    } catch (JacksonException e) {
      String what = e.getOriginalMessage().lines().findFirst().orElse("");
      throw new UserException(file + ": not a readable record of training (" + what + ")", e);
    }
  }
}
