package kiln.launcher.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.TinyRuns;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What fails after the manifest is written must not cost the checkpoint that it made valid: older ones may be gone. */
class FailedCompletionTest {
  @TempDir Path temporary;

  /** Puts something there that cannot be replaced by a file, in a moment when the run does not write it itself. */
  private static void block(Path file) throws IOException {
    while (!Files.exists(file.resolve("something"))) {
      try {
        Files.createDirectories(file);
        Files.writeString(file.resolve("something"), "");
      } catch (FileAlreadyExistsException | NoSuchFileException e) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void shouldKeepTheCheckpointThatLatestCannotName() throws IOException {
    Path run = temporary.resolve("run");
    try (KilnProcess kiln = KilnProcess.start(TinyRuns.train(run, "--steps", "1000000", "--keep", "1"))) {
      kiln.awaitOutput("saved ");
      block(run.resolve("checkpoints/latest.tmp"));
      Outcome outcome = kiln.await();
      Path newest = new RunFolder(run).latest().orElseThrow();
      outcome.assertRefused(ExitStatus.USER_ERROR, "checkpoint " + newest + " is complete, but what follows it failed");
      assertEquals(Optional.empty(), CheckpointChoice.damage(newest));
      assertTrue(RunFolder.step(newest) > 6, newest::toString);
    }
  }
}
