package kiln.launcher.profile;

import java.nio.file.Files;
import java.nio.file.Path;
import kiln.bindings.UserException;

/**
 * What of a run is to be profiled.
 *
 * @param file where the trace goes; replaced if it is there
 * @param steps how many: those after the run's first one, which is slower, if there are as many
 */
public record ProfileRequest(Path file, int steps) {
  /**
   * @throws UserException if no file of that name can be made, or there are no steps
   */
  public static ProfileRequest of(Path file, int steps) {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder) || !Files.isWritable(folder) || Files.isDirectory(file)) {
      throw new UserException("option --profile: expected a file in a folder that can be written, found " + file);
    }
    if (steps < 1) {
      throw new UserException("option --profile-steps: expected at least 1, found " + steps);
    }
    return new ProfileRequest(file, steps);
  }
}
