package kiln.launcher.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints whose files are not as they were written. */
class DamagedCheckpointTest {
  private static final String AVERAGE = "ema/unet/diffusion_pytorch_model.safetensors";
  private static final String MOMENT = "optimizer/exp_avg.safetensors";

  @TempDir Path temporary;
  private Path run;
  private Path newest;

  @BeforeEach
  void copyRun() {
    run = TinyRuns.copy(TinyRuns.finished(), temporary.resolve("run"));
    newest = RunFiles.checkpoint(run, 12);
  }

  private static void change(Path file, Consumer<byte[]> change) {
    try {
      byte[] bytes = Files.readAllBytes(file);
      change.accept(bytes);
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void flip(Path file, double where) {
    change(file, bytes -> bytes[(int) (where * (bytes.length - 1))] ^= 4);
  }

  private void cut(String name, double to) throws IOException {
    byte[] bytes = Files.readAllBytes(newest.resolve(name));
    Files.write(newest.resolve(name), Arrays.copyOf(bytes, (int) (to * bytes.length)));
  }

  private Optional<String> damage() {
    return CheckpointChoice.damage(newest);
  }

  @Test
  void shouldFindNothingInWhatIsWhole() {
    assertEquals(Optional.empty(), damage());
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.001, 0.2, 0.5, 0.9, 1})
  void shouldFindAnyFlippedBitOfAnyFile(double where) {
    for (Path file : RunFiles.files(newest)) {
      flip(newest.resolve(file), where);
      String line = damage().orElseThrow(() -> new AssertionError("not found: " + file));
      assertTrue(line.contains(file.toString()) || file.endsWith(CheckpointManifest.FILE), line);
      flip(newest.resolve(file), where);
    }
    assertEquals(Optional.empty(), damage());
  }

  @Test
  void shouldNameTheTensorThatIsDamaged() {
    flip(newest.resolve(AVERAGE), 1);
    assertTrue(damage().orElseThrow().matches(".*" + AVERAGE + ".*tensor \\S+.*"), damage()::orElseThrow);
  }

  @Test
  void shouldFindFilesThatAreCutOrGone() throws IOException {
    cut(MOMENT, 0.99);
    assertTrue(damage().orElseThrow().contains(MOMENT), damage()::orElseThrow);
    Files.delete(newest.resolve(MOMENT));
    assertTrue(damage().orElseThrow().contains(MOMENT + ": it is gone, though manifest.json names it"), damage()::orElseThrow);
  }

  @ParameterizedTest
  @ValueSource(strings = {"../step-000006/training.json", "/etc/hostname", "unet/../../x", "", "a/./b"})
  void shouldRefuseManifestThatNamesFilesOutside(String name) throws IOException {
    CheckpointManifest manifest = CheckpointManifest.read(newest);
    manifest.files().put(name, new CheckpointManifest.Entry(1, "00000000"));
    manifest.write(newest);
    assertTrue(damage().orElseThrow().contains("expected paths inside of the checkpoint"), damage()::orElseThrow);
  }

  @Test
  void shouldRefuseLinkThatLeavesTheCheckpoint() throws IOException {
    Path outside = Files.move(newest.resolve(MOMENT), temporary.resolve("outside"));
    Files.createSymbolicLink(newest.resolve(MOMENT), outside);
    assertTrue(damage().orElseThrow().contains("a link that leaves it"), damage()::orElseThrow);
  }

  @Test
  void shouldPassOverDamagedCheckpointAndEndWithTheSameBits() throws IOException {
    flip(newest.resolve(AVERAGE), 0.7);
    Outcome outcome = KilnProcess.run(TinyRuns.train(run, "--resume"));
    assertEquals(ExitStatus.OK, outcome.status(), outcome::toString);
    assertTrue(outcome.err().contains("kiln: warning: checkpoint step-000012 is damaged and passed over: "), outcome::toString);
    assertTrue(outcome.err().contains(AVERAGE), outcome::toString);
    RunFiles.assertSame(TinyRuns.finished(), run, 12);
    assertTrue(Files.isDirectory(run.resolve("checkpoints/step-000012.damaged")));
  }

  @Test
  void shouldGoOnFromTheOneBeforeIfTheNewestWasNotWrittenToItsEnd() throws IOException {
    Files.delete(newest.resolve(CheckpointManifest.FILE));
    Files.delete(newest.resolve(MOMENT));
    Outcome outcome = KilnProcess.run(TinyRuns.train(run, "--resume"));
    assertEquals(ExitStatus.OK, outcome.status(), outcome::toString);
    assertEquals("kiln: warning: checkpoint step-000012 was not written to its end and is passed over\n", outcome.err());
    RunFiles.assertSame(TinyRuns.finished(), run, 12);
  }

  @Test
  void shouldRefuseAndChangeNothingIfNoneIsWhole() throws IOException {
    Path older = RunFiles.checkpoint(run, 6);
    cut(MOMENT, 0.5);
    Files.delete(older.resolve(AVERAGE));
    Map<Path, Long> before = sizes();
    Outcome outcome = KilnProcess.run(TinyRuns.train(run, "--resume"));
    assertEquals(ExitStatus.USER_ERROR, outcome.status(), outcome::toString);
    assertTrue(outcome.err().matches("(?s).*kiln: [^\n]*" + MOMENT + "[^\n]*; there is no checkpoint before it that is whole\n"));
    assertEquals(before, sizes());
  }

  private Map<Path, Long> sizes() throws IOException {
    try (Stream<Path> files = Files.walk(run)) {
      return new TreeMap<>(
          files.filter(Files::isRegularFile).collect(Collectors.toMap(f -> f, f -> f.toFile().length())));
    }
  }
}
