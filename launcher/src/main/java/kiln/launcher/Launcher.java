package kiln.launcher;

import java.util.List;
import kiln.bindings.UserException;
import kiln.launcher.cli.KilnCommand;
import kiln.launcher.jvm.Relaunch;
import kiln.launcher.ranks.ExitStatus;

/** Kiln's entry point; {@code ./kiln} calls it, and so may {@code mpirun java -cp … kiln.launcher.Launcher}. */
public final class Launcher {
  private Launcher() {}

  public static void main(String[] arguments) {
    // What ranks run starts again by itself, when it knows how much memory a rank needs.
    if (arguments.length == 0 || !List.of("train", "doctor").contains(arguments[0])) {
      try {
        Relaunch.withModuleOptions();
      } catch (UserException e) {
        System.err.println("kiln: " + e.getMessage());
        System.exit(ExitStatus.USER_ERROR);
      }
    }
    System.exit(KilnCommand.run(arguments));
  }
}
