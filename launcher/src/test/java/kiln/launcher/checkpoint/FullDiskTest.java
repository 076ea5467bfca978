package kiln.launcher.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import kiln.launcher.KilnProcess;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk that takes no more while a run is under way. The limit of a process's files (prlimit, of util-linux) stands for it: a
 * write fails in the same place, with another text, and that needs neither privileges nor a disk of one's own.
 */
class FullDiskTest {
  private static final Duration PROMPTLY = Duration.ofSeconds(10);

  /** More than metrics.jsonl and config.json, less than any network's weights. */
  private static final int SMALL = 64 << 10;

  @TempDir Path temporary;

  private static void limitFiles(ProcessHandle process, int bytes) throws IOException, InterruptedException {
    String[] command = {"prlimit", "--pid", Long.toString(process.pid()), "--fsize=" + bytes};
    assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void shouldKeepThePreviousCheckpoint() throws IOException, InterruptedException {
    Path run = temporary.resolve("run");
    String[] command = TinyRuns.train(run, "--ranks", "2", "--steps", "100", "--set", "save_every=50");
    try (KilnProcess kiln = KilnProcess.start(command)) {
      kiln.awaitOutput("step-000050");
      limitFiles(kiln.rank(0), SMALL);
      kiln.await()
          .assertRefused(
              ExitStatus.USER_ERROR,
              "checkpoint " + RunFiles.checkpoint(run, 100) + " cannot be saved (File too large)",
              "the last one is " + RunFiles.checkpoint(run, 50));
      assertTrue(KilnProcess.allEnd(kiln.children(), Duration.ZERO), "a rank survived the supervisor");
    }
    assertEquals(List.of("latest", "step-000050"), names(run.resolve("checkpoints")));

    String[] resume = TinyRuns.train(run, "--ranks", "2", "--steps", "100", "--set", "save_every=50", "--resume");
    KilnProcess.run(resume).assertOk();
    assertEquals(List.of("latest", "step-000050", "step-000100"), names(run.resolve("checkpoints")));
  }

  @Test
  void shouldSayThatMetricsCannotBeWritten() throws IOException, InterruptedException {
    Path run = temporary.resolve("run");
    try (KilnProcess kiln = KilnProcess.start(TinyRuns.train(run, "--ranks", "2", "--steps", "1000000"))) {
      kiln.awaitOutput("step 2/");
      limitFiles(kiln.rank(0), 0);
      kiln.await(PROMPTLY).assertRefused(ExitStatus.USER_ERROR, "metrics.jsonl", "cannot be written (File too large)");
    }
  }

  @Test
  void shouldRefuseFolderThatCannotBeMade() throws IOException {
    Path file = Files.writeString(temporary.resolve("file"), "mine");
    Path out = file.resolve("run");
    KilnProcess.runHere(TinyRuns.train(out)).assertRefused(ExitStatus.USER_ERROR, "option --out: " + out);
    assertFalse(Files.isDirectory(file));
  }
}
