package kiln.launcher.transfer;

import java.nio.file.Path;
import kiln.bindings.UserException;
import kiln.launcher.folder.ModelFolder;

/** A model that an option of a command names. */
public final class GivenModel {
  private GivenModel() {}

  /**
   * Opens it; of a run or a checkpoint, the averaged weights.
   *
   * @param option for the message, as in {@code --from}
   * @throws UserException if it is no model, or damaged
   */
  public static ModelFolder open(String option, Path given) {
    try {
      return ModelFolder.open(given).averaged();
    } catch (UserException e) {
      throw new UserException("option " + option + ": " + e.getMessage(), e);
    }
  }
}
