package kiln.launcher.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import kiln.bindings.UserException;
import kiln.data.queue.BatchReader;
import kiln.data.queue.Manifest;
import kiln.launcher.checkpoint.TrainingRecord;

/** Which data a run is trained on: going on with other data would be another run. */
final class DataFingerprint {
  private static final int HEX_DIGITS = 32;

  private DataFingerprint() {}

  /** The beginning of the SHA-256 of the data set's manifest, which counts and sizes all that is in it. */
  static TrainingRecord.DataRecord of(Path folder, BatchReader reader) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(folder.resolve(Manifest.FILE)));
      String fingerprint = HexFormat.of().formatHex(digest).substring(0, HEX_DIGITS);
      return new TrainingRecord.DataRecord(folder.toString(), fingerprint, reader.numSamples());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Of encoded samples: the beginning of the SHA-256 of what they were made of, whichever ranks made them. */
  static TrainingRecord.DataRecord of(Path folder, String key, long numSamples) {
    return new TrainingRecord.DataRecord(folder.toString(), key.substring(0, HEX_DIGITS), numSamples);
  }

  /**
   * @throws UserException if a checkpoint is of other data
   */
  static void check(Path checkpoint, TrainingRecord.DataRecord saved, TrainingRecord.DataRecord found) {
    if (!saved.fingerprint().equals(found.fingerprint())) {
      throw new UserException(
          "option --data: " + found.folder() + " is not the data that checkpoint " + checkpoint + " was trained on, "
              + saved.folder() + " (fingerprints " + found.fingerprint() + " and " + saved.fingerprint() + ")");
    }
  }
}
