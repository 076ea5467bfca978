package kiln.launcher.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointPruneTest {
  @TempDir private Path temporary;
  private Path run;

  @BeforeEach
  void copyRun() {
    run = TinyRuns.copy(SavedRuns.one(), temporary.resolve("run"));
  }

  private Outcome prune(String... options) {
    List<String> arguments = new ArrayList<>(List.of("checkpoint", "prune", run.toString()));
    arguments.addAll(List.of(options));
    return KilnProcess.runHere(arguments.toArray(String[]::new));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> entries = Files.list(run.resolve("checkpoints"))) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }

  private String latest() throws IOException {
    return Files.readString(run.resolve("checkpoints/latest"));
  }

  @Test
  void shouldKeepTheNewestAndThoseThatANumberDivides() throws IOException {
    String dry = prune("--keep", "1", "--keep-every", "2", "--dry-run").assertOk().out();
    assertTrue(dry.contains("would delete step-000001, ") && dry.contains("would delete step-000003, "), dry);
    assertEquals(List.of("latest", "step-000001", "step-000002", "step-000003", "step-000004"), names());
    String out = prune("--keep", "1", "--keep-every", "2").assertOk().out();
    assertEquals(dry.replace("would delete", "deleted"), out);
    assertEquals(List.of("latest", "step-000002", "step-000004"), names());
    assertEquals("step-000004\n", latest());
    prune("--keep", "1").assertOk();
    assertEquals(List.of("latest", "step-000004"), names());
    assertTrue(prune("--keep", "1").assertOk().out().startsWith("deleted 0 of 1, 0 bytes; "));
    KilnProcess.runHere("checkpoint", "verify", run.toString()).assertOk();
  }

  @Test
  void shouldKeepTheNewestThatIsSoundWhateverElseThereIs() throws IOException {
    SavedRuns.flip(RunFiles.checkpoint(run, 4).resolve(SavedRuns.UNET + ".safetensors"), "conv_in.weight");
    SavedRuns.truncate(RunFiles.checkpoint(run, 3).resolve(SavedRuns.UNET + ".safetensors"));
    String out = prune("--keep", "1").assertOk().out();
    assertTrue(out.contains("the newest that is sound is step-000002"), out);
    assertEquals(List.of("latest", "step-000002", "step-000003", "step-000004"), names());
    assertEquals("step-000002\n", latest());
    out = prune("--keep", "1", "--damaged").assertOk().out();
    assertTrue(out.contains("deleted step-000004, ") && out.contains(": damaged"), out);
    assertEquals(List.of("latest", "step-000002"), names());
  }

  @Test
  void shouldDeleteWhatIsIncompleteOnlyWhereItIsAsked() throws IOException {
    Files.delete(RunFiles.checkpoint(run, 4).resolve("manifest.json"));
    Files.move(RunFiles.checkpoint(run, 3), run.resolve("checkpoints/step-000003.damaged"));
    Path older = Files.createDirectories(RunFiles.checkpoint(run, 9));
    Files.writeString(older.resolve("training.json"), "{\"format_version\": 1}");
    prune("--keep", "1").assertOk();
    assertEquals(List.of("latest", "step-000002", "step-000003.damaged", "step-000004", "step-000009"), names());
    prune("--keep", "1", "--incomplete").assertOk();
    assertEquals(List.of("latest", "step-000002", "step-000003.damaged", "step-000009"), names());
    prune("--keep", "1", "--incomplete", "--damaged").assertOk();
    assertEquals(List.of("latest", "step-000002", "step-000009"), names());
  }

  @Test
  void shouldLeaveARunAloneThatGoesOn() throws IOException {
    List<String> before = names();
    try (RunLock _ = RunLock.take(new RunFolder(run))) {
      prune("--keep", "1").assertRefused(ExitStatus.USER_ERROR, run + ": another job is training into it");
      assertEquals(before, names());
      prune("--keep", "1", "--dry-run").assertOk();
    }
    prune("--keep", "1").assertOk();
    run = temporary;
    prune("--keep", "1").assertRefused(ExitStatus.USER_ERROR, "expected a run");
    assertTrue(Files.notExists(temporary.resolve("lock")));
  }

  @Test
  void shouldRefuseToKeepNone() {
    prune("--keep", "0").assertRefused(ExitStatus.USAGE, "option --keep: expected at least 1, found 0");
    prune("--keep", "1", "--keep-every", "-1").assertRefused(ExitStatus.USAGE, "option --keep-every: expected at least 0");
    prune().assertRefused(ExitStatus.USAGE, "--keep");
  }
}
