package kiln.launcher.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointMergeTest {
  @TempDir private Path temporary;

  private static Outcome merge(Path from, Path to) {
    return KilnProcess.runHere("checkpoint", "merge", from.toString(), to.toString());
  }

  private static void assertEqual(Path a, Path b) {
    KilnProcess.runHere("checkpoint", "diff", a.toString(), b.toString()).assertOk();
  }

  @Test
  void shouldWriteWhatOneRankWouldHaveWritten() {
    Path merged = temporary.resolve("merged");
    String out = merge(SavedRuns.divided(), merged).assertOk().out();
    assertTrue(out.startsWith("wrote " + merged + ": step 4, "), out);
    assertTrue(out.contains("; 6 sets of tensors were in several files"), out);
    assertEquals(RunFiles.files(RunFiles.checkpoint(SavedRuns.one(), 4)), RunFiles.files(merged));
    KilnProcess.runHere("checkpoint", "verify", merged.toString()).assertOk();
    assertEqual(SavedRuns.divided(), merged);
    String inspection = KilnProcess.runHere("inspect", merged.toString()).assertOk().out();
    assertTrue(inspection.lines().toList().contains("unet: config and weights fit"), inspection);
    assertTrue(inspection.lines().toList().contains("ema/unet: config and weights fit"), inspection);
  }

  @Test
  void shouldLetTrainingGoOnBitForBit() {
    Path run = temporary.resolve("run");
    merge(RunFiles.checkpoint(SavedRuns.divided(), 2), RunFiles.checkpoint(run, 2)).assertOk();
    String[] options = {"--ranks", "2", "--shard", "parameters", "--steps", "4", "--resume"};
    KilnProcess.run(TinyRuns.train(run, options)).assertOk();
    assertEqual(SavedRuns.divided(), run);
  }

  @Test
  void shouldNeedNoMergeToBeConverted() throws IOException {
    Path merged = temporary.resolve("merged");
    merge(SavedRuns.divided(), merged).assertOk();
    String inspection = KilnProcess.runHere("inspect", SavedRuns.divided().toString()).assertOk().out();
    assertTrue(inspection.contains("text_encoder: config and weights fit"), inspection);
    String moments = "optimizer/exp_avg.safetensors.index.json, optimizer/exp_avg_sq.safetensors.index.json";
    assertTrue(inspection.contains(moments), inspection);
    Path half = temporary.resolve("half");
    Path halfOfMerged = temporary.resolve("half-of-merged");
    convert(RunFiles.checkpoint(SavedRuns.divided(), 4).resolve("unet"), half);
    convert(merged.resolve("unet"), halfOfMerged);
    String unet = "diffusion_pytorch_model.safetensors";
    assertEquals(-1, Files.mismatch(half.resolve(unet), halfOfMerged.resolve(unet)));
  }

  private static void convert(Path from, Path to) {
    KilnProcess.runHere("convert", from.toString(), to.toString(), "--dtype", "bf16").assertOk();
  }

  @Test
  void shouldCopyWhatOneRankHasWritten() throws IOException {
    Path merged = temporary.resolve("merged");
    merge(SavedRuns.one(), merged).assertOk();
    Path checkpoint = RunFiles.checkpoint(SavedRuns.one(), 4);
    for (Path file : RunFiles.files(checkpoint)) {
      assertEquals(-1, Files.mismatch(checkpoint.resolve(file), merged.resolve(file)), file.toString());
    }
  }

  @Test
  void shouldRefuseAndLeaveNothing() throws IOException {
    Path run = TinyRuns.copy(SavedRuns.divided(), temporary.resolve("run"));
    Path checkpoint = RunFiles.checkpoint(run, 4);
    refused(run, checkpoint, "found something there, expected a place for a new folder");
    refused(run, checkpoint.resolve("inside"), "expected a place outside of what is merged");
    refused(run, temporary.resolve("step-000005"), "found the name of step 5, expected that of step 4");
    String damaged = "optimizer/exp_avg_sq-00001-of-00002.safetensors";
    String tensor = SavedRuns.flipFirst(checkpoint.resolve(damaged));
    refused(run, temporary.resolve("merged"), damaged + ": tensor " + tensor + ": found CRC-32C ");
    try (Stream<Path> left = Files.list(temporary)) {
      assertEquals(List.of(run), left.toList());
    }
  }

  private static void refused(Path from, Path to, String part) {
    merge(from, to).assertRefused(ExitStatus.USER_ERROR, part);
  }
}
