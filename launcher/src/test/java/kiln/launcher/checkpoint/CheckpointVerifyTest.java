package kiln.launcher.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointVerifyTest {
  private static final String SHARD = SavedRuns.UNET + "-00002-of-00002.safetensors";

  @TempDir private Path temporary;

  private static Outcome verify(Path... paths) {
    String[] arguments = new String[2 + paths.length];
    arguments[0] = "checkpoint";
    arguments[1] = "verify";
    for (int i = 0; i < paths.length; i++) {
      arguments[2 + i] = paths[i].toString();
    }
    return KilnProcess.runHere(arguments);
  }

  private Path copy(Path run) {
    return RunFiles.checkpoint(TinyRuns.copy(run, temporary.resolve("run")), 4);
  }

  private static void assertDamaged(Path checkpoint, String... parts) {
    Outcome outcome = verify(checkpoint);
    outcome.assertRefused(ExitStatus.USER_ERROR, "1 of 1 checkpoints damaged");
    List<String> damage = outcome.out().lines().filter(line -> line.startsWith("damaged: ")).toList();
    assertEquals(1, damage.size(), outcome::toString);
    for (String part : parts) {
      assertTrue(damage.getFirst().contains(part), () -> "expected '" + part + "' in " + outcome);
    }
  }

  @Test
  void shouldFindNothingWrongWithWhatRanksWrote() {
    Outcome outcome = verify(SavedRuns.one(), SavedRuns.two(), RunFiles.checkpoint(SavedRuns.divided(), 3)).assertOk();
    String sound = ".*: \\d+ files, [\\d,]+ bytes, all sound \\([\\d.]+ GB/s\\)";
    assertEquals(9, outcome.out().lines().filter(line -> line.matches(sound)).count(), outcome::toString);
    assertEquals(9, outcome.out().lines().count(), outcome::toString);
  }

  @Test
  void shouldNameTheTensorOfAFlippedBitAndReadTheOthers() {
    Path checkpoint = copy(SavedRuns.divided());
    SavedRuns.flip(checkpoint.resolve(SHARD), "conv_out.weight");
    SavedRuns.flip(RunFiles.checkpoint(temporary.resolve("run"), 2).resolve("optimizer/exp_avg-00001-of-00002.safetensors"), 0);
    Outcome outcome = verify(temporary.resolve("run"));
    outcome.assertRefused(ExitStatus.USER_ERROR, "2 of 4 checkpoints damaged");
    List<String> lines = outcome.out().lines().toList();
    assertEquals(6, lines.size(), outcome::toString);
    assertTrue(lines.get(1).startsWith("damaged: "), lines.get(1));
    assertTrue(lines.get(1).contains("exp_avg-00001-of-00002.safetensors: found"), lines.get(1));
    assertTrue(lines.get(4).startsWith("damaged: " + checkpoint.resolve(SHARD) + ": tensor conv_out.weight: found CRC-32C "));
    assertTrue(lines.get(0).contains("step-000001") && lines.get(0).contains("all sound"), lines.get(0));
  }

  @Test
  void shouldNameAFileThatIsCutShort() {
    Path checkpoint = copy(SavedRuns.two());
    SavedRuns.truncate(checkpoint.resolve(SHARD));
    assertDamaged(checkpoint, SHARD + ": found ", " bytes, expected ");
  }

  @Test
  void shouldNameAFileThatIsGone() throws IOException {
    Path checkpoint = copy(SavedRuns.two());
    Files.delete(checkpoint.resolve(SHARD));
    assertDamaged(checkpoint, SHARD + ": ");
  }

  @Test
  void shouldNameAConfigurationThatWasEdited() throws IOException {
    Path checkpoint = copy(SavedRuns.one());
    Path config = checkpoint.resolve("unet/config.json");
    String text = Files.readString(config);
    Files.writeString(config, text.replace("\"sample_size\"", "\"sample_sise\""));
    assertDamaged(checkpoint, "unet/config.json: ", ", expected ");
  }

  @Test
  void shouldNameAFileThatNobodyWroteThere() throws IOException {
    Path checkpoint = copy(SavedRuns.two());
    Files.copy(checkpoint.resolve(SHARD), checkpoint.resolve(SavedRuns.UNET + ".safetensors"));
    assertDamaged(checkpoint, SavedRuns.UNET + ".safetensors: found a file that manifest.json does not name");
  }

  @Test
  void shouldRefuseAManifestThatLeavesItsFolder() throws IOException {
    Path checkpoint = copy(SavedRuns.one());
    Path manifest = checkpoint.resolve("manifest.json");
    String text = Files.readString(manifest);
    Files.writeString(manifest, text.replace("\"training.json\"", "\"../x\""));
    assertDamaged(checkpoint, "manifest.json: expected paths inside of the checkpoint, found ../x");
    Files.writeString(manifest, text.replace("\"training.json\"", "\"/etc/passwd\""));
    assertDamaged(checkpoint, "found /etc/passwd");
    Files.writeString(manifest, text);
    Path record = checkpoint.resolve("training.json");
    Files.move(record, temporary.resolve("training.json"));
    Files.createSymbolicLink(record, temporary.resolve("training.json"));
    assertDamaged(checkpoint, "found a link that leaves it: training.json");
  }

  @Test
  void shouldPassOverWhatIsIncompleteButNotIfItIsNamed() throws IOException {
    Path checkpoint = copy(SavedRuns.one());
    Files.delete(checkpoint.resolve("manifest.json"));
    Outcome outcome = verify(temporary.resolve("run")).assertOk();
    assertTrue(outcome.out().contains("step-000004: passed over, incomplete"), outcome::toString);
    assertDamaged(checkpoint, "no manifest.json");
  }

  @Test
  void shouldRefuseWhatHasNoCheckpoints() throws IOException {
    Path empty = Files.createDirectories(temporary.resolve("empty/checkpoints")).getParent();
    verify(empty).assertRefused(ExitStatus.USER_ERROR, empty + ": found no checkpoint that was written to its end");
    verify(temporary.resolve("no")).assertRefused(ExitStatus.USER_ERROR, "found no such folder, expected a run or a checkpoint");
  }
}
