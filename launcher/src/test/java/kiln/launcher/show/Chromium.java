package kiln.launcher.show;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import org.junit.jupiter.api.Assumptions;

/** A real browser without a window, which can reach this machine's loopback address and nothing else. */
final class Chromium {
  private final Path program;
  private final Path profile;

  private Chromium(Path program, Path profile) {
    this.program = program;
    this.profile = profile;
  }

  /**
   * Skips the test, and says so, if there is no browser.
   *
   * @param profile empty folder
   */
  static Chromium require(Path profile) {
    for (String folder : System.getenv("PATH").split(File.pathSeparator)) {
      for (String name : List.of("chromium", "chromium-browser", "google-chrome")) {
        Path program = Path.of(folder, name);
        if (Files.isExecutable(program)) {
          return new Chromium(program, profile);
        }
      }
    }
    System.out.println("no chromium: pages are NOT looked at in a browser (Debian package chromium)");
    Assumptions.abort("no chromium");
    throw new AssertionError();
  }

  /** Opens a page and ends when it has been loaded with all that belongs to it. */
  Outcome open(String address) {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.addAll(
        List.of(
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1400,1200",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--user-data-dir=" + profile,
            "--dump-dom", address));
    try (KilnProcess browser = KilnProcess.start(Map.of(), command)) {
      Outcome outcome = browser.await();
      if (outcome.status() != 0) {
        throw new AssertionError(outcome.toString());
      }
      return outcome;
    }
  }
}
