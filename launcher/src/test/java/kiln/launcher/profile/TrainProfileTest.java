package kiln.launcher.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.TinyRuns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class TrainProfileTest {
  /** Start and end are rounded to what a double holds of microseconds. */
  private static final double ROUNDING = 0.01;

  @TempDir private Path folder;

  /** What a rank's thread did, in the order of its starts. */
  private static List<JsonNode> events(JsonNode trace, int rank, int thread) {
    List<JsonNode> events = new ArrayList<>();
    for (JsonNode event : trace.get("traceEvents")) {
      boolean complete = event.get("ph").asString().equals("X");
      if (complete && event.get("pid").intValue() == rank && event.get("tid").intValue() == thread) {
        events.add(event);
      }
    }
    events.sort(Comparator.comparingDouble(TrainProfileTest::start));
    return events;
  }

  private static double start(JsonNode event) {
    return event.get("ts").doubleValue();
  }

  private static double duration(JsonNode event) {
    return event.get("dur").doubleValue();
  }

  private static boolean isStep(JsonNode event) {
    return event.get("cat").asString().equals("step");
  }

  @Test
  void shouldTraceEveryLaunchOfSomeStepsOnEveryRank() throws IOException {
    Path file = folder.resolve("trace.json");
    String[] command =
        TinyRuns.train(
            folder.resolve("run"), "--ranks", "2", "--steps", "4", "--profile", file.toString(), "--profile-steps", "2");
    Outcome outcome = KilnProcess.run(command);
    outcome.assertOk();
    JsonNode trace = JsonMapper.builder().build().readTree(file);
    for (int rank = 0; rank < 2; rank++) {
      List<JsonNode> all = events(trace, rank, 1);
      List<JsonNode> steps = all.stream().filter(TrainProfileTest::isStep).toList();
      assertEquals(List.of("step 2", "step 3"), steps.stream().map(step -> step.get("name").asString()).toList());
      List<JsonNode> launches = all.stream().filter(event -> !isStep(event)).toList();
      steps.forEach(step -> checkStep(step, launches));
      checkRates(launches);
      List<JsonNode> reductions = events(trace, rank, 2);
      checkApart(reductions);
      assertEquals(0, reductions.size() % 2);
      assertFalse(reductions.isEmpty());
    }
    assertTrue(outcome.out().contains("profile of 2 steps in " + file), outcome.out());
    assertTrue(outcome.out().lines().anyMatch(line -> line.matches("Conv2d +\\d+ +\\d+\\.\\d+ .*%.*")), outcome.out());
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of("run", "trace.json"), left.map(path -> path.getFileName().toString()).sorted().toList());
    }
  }

  /** The launches of a step do not overlap, lie within it, and are most of it. */
  private static void checkStep(JsonNode step, List<JsonNode> launches) {
    double begin = start(step) - ROUNDING;
    double end = start(step) + duration(step) + ROUNDING;
    long number = step.get("args").get("step").longValue();
    List<JsonNode> own = launches.stream().filter(l -> l.get("args").get("step").longValue() == number).toList();
    checkApart(own);
    assertTrue(start(own.getFirst()) >= begin, step.toString());
    assertTrue(start(own.getLast()) + duration(own.getLast()) <= end, step.toString());
    double sum = own.stream().mapToDouble(TrainProfileTest::duration).sum();
    assertTrue(sum > 0.5 * duration(step) && sum <= duration(step) + ROUNDING * own.size(), sum + " of " + step);
    List<String> names = own.stream().map(launch -> launch.get("name").asString()).distinct().toList();
    for (String name : List.of("unet.conv_in", "fill inputs", "wait for gradients", "gradient norm", "AdamW and moving average")) {
      assertTrue(names.contains(name), name + " is not in " + names);
    }
  }

  private static void checkApart(List<JsonNode> events) {
    for (int i = 1; i < events.size(); i++) {
      JsonNode before = events.get(i - 1);
      assertTrue(start(before) + duration(before) <= start(events.get(i)) + ROUNDING, before + " and " + events.get(i));
    }
  }

  private static void checkRates(List<JsonNode> launches) {
    JsonNode convolution =
        launches.stream()
            .filter(l -> l.get("cat").asString().equals("Conv2d") && l.get("name").asString().equals("unet.conv_in"))
            .findFirst()
            .orElseThrow();
    JsonNode arguments = convolution.get("args");
    assertEquals("forward", arguments.get("pass").asString());
    double rate = arguments.get("flops").longValue() / duration(convolution) / 1e3;
    assertEquals(rate, arguments.get("gflop_per_s").doubleValue(), 0.02 * rate + 1e-3);
  }

  @Test
  void shouldTraceWhatIsLeftOfAShortRun() {
    Path file = folder.resolve("trace.json");
    KilnProcess.run(TinyRuns.train(folder.resolve("run"), "--steps", "2", "--profile", file.toString())).assertOk();
    JsonNode trace = JsonMapper.builder().build().readTree(file);
    assertEquals(2, events(trace, 0, 1).stream().filter(TrainProfileTest::isStep).count());
  }

  @Test
  void shouldRefuseWhatItCannotWriteBeforeAnythingStarts() {
    checkRefused(1, "option --profile: expected a file in a folder", "--profile", folder.resolve("missing/trace.json").toString());
    checkRefused(1, "option --profile: expected a file in a folder", "--profile", folder.toString());
    checkRefused(2, "option --profile-steps: expected --profile with it", "--profile-steps", "2");
    checkRefused(
        1, "option --profile-steps: expected at least 1, found 0", "--profile", folder.resolve("t.json").toString(),
        "--profile-steps", "0");
  }

  private void checkRefused(int status, String line, String... options) {
    KilnProcess.runHere(TinyRuns.train(folder.resolve("run"), options)).assertRefused(status, line);
    assertFalse(Files.exists(folder.resolve("run")));
  }
}
