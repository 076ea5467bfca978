package kiln.launcher.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import kiln.launcher.ranks.ExitStatus;
import kiln.launcher.telemetry.StepMetrics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training beside preparation: real processes of both. */
class FollowTest {
  private static final int STEPS = 10;

  @TempDir Path temporary;

  private static String[] prepare(Path data, String... more) {
    Stream<String> own =
        Stream.of(
            "data", "typography", "--out", data.toString(), "--count", "64", "--validation-count", "16", "--block-size", "8",
            "--caption-length", "32");
    return Stream.concat(own, Stream.of(more)).toArray(String[]::new);
  }

  private static String[] train(Path data, Path out, String... more) {
    Stream<String> own = Stream.of("--follow", "--steps", "" + STEPS, "--set", "batch=8", "--set", "micro_batch=4");
    return TinyRuns.trainOn(data, out, Stream.concat(own, Stream.of(more)).toArray(String[]::new));
  }

  private static List<Double> losses(Path run) {
    return RunFiles.metricsOf(run).stream().filter(m -> m.loss() != null).map(StepMetrics::loss).toList();
  }

  /** The order does not depend on who was faster: a run on the data set when it is finished sees the same. */
  @Test
  void shouldTrainOnTheSameSamplesWhileTheyAreWritten() throws Exception {
    Path data = temporary.resolve("data");
    Path beside = temporary.resolve("beside");
    try (KilnProcess preparation = KilnProcess.start(prepare(data, "--ahead", "80kB"))) {
      preparation.awaitOutput("bytes lie unread ahead");
      assertFalse(Files.exists(data.resolve("dataset.json")), "it waits for its reader");
      try (KilnProcess kiln = KilnProcess.start(train(data, beside, "--ranks", "2"))) {
        Outcome outcome = kiln.await().assertOk();
        assertTrue(outcome.out().contains("validation loss"), outcome::toString);
      }
      preparation.await().assertOk();
    }
    Path after = temporary.resolve("after");
    KilnProcess.run(train(data, after, "--ranks", "2")).assertOk();
    assertEquals(STEPS, losses(after).size());
    assertEquals(losses(after), losses(beside));
    Path checkpoint = RunFiles.checkpoint(beside, STEPS);
    assertEquals(RunFiles.files(RunFiles.checkpoint(after, STEPS)), RunFiles.files(checkpoint));
    for (Path file : RunFiles.files(checkpoint)) {
      if (file.toString().endsWith(".safetensors")) {
        assertEquals(-1, Files.mismatch(checkpoint.resolve(file), RunFiles.checkpoint(after, STEPS).resolve(file)), file::toString);
      }
    }
    assertTrue(RunFiles.metricsOf(beside).stream().skip(1).anyMatch(m -> m.dataSeconds() != null && m.dataSeconds() >= 0));
  }

  @Test
  void shouldSayThatTheWriterIsGoneAndGoOnWhenItIsBack() {
    Path data = temporary.resolve("data");
    Path run = temporary.resolve("run");
    try (KilnProcess preparation = KilnProcess.start(prepare(data, "--ahead", "80kB"))) {
      preparation.awaitOutput("bytes lie unread ahead");
      preparation.signal("KILL");
      preparation.await();
    }
    KilnProcess.runHere("data", "verify", data.toString()).assertOk();
    KilnProcess.runHere(TinyRuns.trainOn(data, run)).assertRefused(ExitStatus.USER_ERROR, "did not finish", "--follow");
    Outcome stopped = KilnProcess.run(train(data, run, "--data-timeout", "4s"));
    stopped.assertRefused(ExitStatus.USER_ERROR, data.toString(), "too few for step", "nobody is making more");
    assertTrue(stopped.out().contains("waits for samples"), stopped::toString);
    assertTrue(stopped.out().contains("stopped after step"), stopped::toString);
    Outcome resumed = KilnProcess.runHere(prepare(data)).assertOk();
    assertTrue(resumed.out().contains("goes on: "), resumed::toString);
    KilnProcess.run(train(data, run, "--resume")).assertOk();
    Path after = temporary.resolve("after");
    KilnProcess.run(train(data, after)).assertOk();
    assertEquals(losses(after), losses(run));
  }
}
