package kiln.launcher;

import kiln.launcher.cli.KilnCommand;

/** Kiln's entry point; {@code ./kiln} calls it. */
public final class Launcher {
  private Launcher() {}

  public static void main(String[] arguments) {
    System.exit(KilnCommand.run(arguments));
  }
}
