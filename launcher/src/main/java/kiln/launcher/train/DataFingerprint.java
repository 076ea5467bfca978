package kiln.launcher.train;

import java.nio.file.Path;
import kiln.bindings.UserException;
import kiln.data.queue.ScheduleHash;
import kiln.launcher.checkpoint.TrainingRecord;

/** Which data a run is trained on: going on with other data would be another run. */
final class DataFingerprint {
  private DataFingerprint() {}

  /**
   * A run that began while its data set was being made goes on if what it knew of it is still so.
   *
   * @throws UserException if a checkpoint is of other data
   */
  static void check(Path checkpoint, TrainingRecord.DataRecord saved, RunData data) {
    TrainingRecord.DataRecord found = data.record();
    String fingerprint = found.fingerprint();
    if (saved.inOrderOfWriting() && saved.samples() < found.samples()) {
      fingerprint = ScheduleHash.fingerprint(data.blocks(), (int) (saved.samples() / data.blocks().blockSize()));
    }
    if (!saved.fingerprint().equals(fingerprint)) {
      throw new UserException(
          "option --data: " + found.folder() + " is not the data that checkpoint " + checkpoint + " was trained on, "
              + saved.folder() + " (fingerprints " + fingerprint + " and " + saved.fingerprint() + ")");
    }
  }
}
