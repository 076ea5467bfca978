package kiln.launcher.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import kiln.bindings.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFolderTest {
  @TempDir Path temporary;

  private Path checkpoint(String name) throws IOException {
    Path folder = Files.createDirectories(temporary.resolve("checkpoints").resolve(name));
    Files.writeString(folder.resolve(CheckpointManifest.FILE), "{}");
    return folder;
  }

  @Test
  void shouldFindTheCheckpointOfTheHighestStep() throws IOException {
    assertEquals(Optional.empty(), new RunFolder(temporary).latest());
    checkpoint("step-000009");
    Path newest = checkpoint("step-1000000");
    checkpoint("step-999999");
    checkpoint("step-2000000.tmp");
    checkpoint("notes");
    Files.createDirectories(temporary.resolve("checkpoints/step-3000000")); // without a manifest: not written to its end
    assertEquals(Optional.of(newest), new RunFolder(temporary).latest());
    assertEquals(newest, new RunFolder(temporary).checkpoint(1_000_000));
  }

  @Test
  void shouldRemoveWhatAnInterruptedSaveLeft() throws IOException {
    Path whole = checkpoint("step-000001");
    Path half = Files.createDirectories(temporary.resolve("checkpoints/step-000002"));
    Files.writeString(half.resolve(TrainingRecord.FILE), "{}");
    RunFolder.create(temporary).removeIncomplete();
    assertTrue(Files.exists(whole));
    assertFalse(Files.exists(half));
  }

  @Test
  void shouldResolveRunAndCheckpoint() throws IOException {
    Path newest = checkpoint("step-000002");
    Path older = checkpoint("step-000001");
    assertEquals(newest, RunFolder.resolve("--vae", temporary));
    assertEquals(older, RunFolder.resolve("--vae", older));
    UserException missing =
        assertThrows(UserException.class, () -> RunFolder.resolve("--vae", temporary.resolve("nowhere")));
    assertTrue(missing.getMessage().startsWith("option --vae: "), missing.getMessage());
  }

  @Test
  void shouldKeepTheNewest() throws IOException {
    Path first = checkpoint("step-000001");
    Path second = checkpoint("step-000002");
    Path third = checkpoint("step-000003");
    new RunFolder(temporary).prune(new Retention(2, 0));
    assertFalse(Files.exists(first));
    assertTrue(Files.exists(second));
    assertTrue(Files.exists(third));
    new RunFolder(temporary).prune(new Retention(5, 0));
    assertTrue(Files.exists(second));
  }
}
