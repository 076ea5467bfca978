package kiln.bench.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be seen of saves from outside. */
class SaveWatchTest {
  @TempDir Path run;

  private Path begin(String step) throws IOException {
    return Files.createDirectories(run.resolve("checkpoints").resolve(step));
  }

  private static void end(Path checkpoint) throws IOException {
    Files.writeString(checkpoint.resolve("manifest.json"), "{}");
  }

  private static void await(BooleanSupplier condition) {
    for (int i = 0; i < 5000 && !condition.getAsBoolean(); i++) {
      Pause.millis(2);
    }
    assertTrue(condition.getAsBoolean());
  }

  private static boolean hasEnded(SaveWatch watch, int number) {
    return watch.saves().size() >= number && watch.saves().get(number - 1).ended() != 0;
  }

  @Test
  void shouldTellSavesFromWhatAnEarlierProcessLeftAndFromDeletion() throws IOException {
    begin("step-000004");
    try (SaveWatch watch = SaveWatch.of(run)) {
      Path first = begin("step-000008");
      await(() -> watch.hasBegun(1));
      end(first);
      await(() -> hasEnded(watch, 1));
      Path second = begin("step-000012");
      await(() -> watch.hasBegun(2));
      end(second);
      await(() -> hasEnded(watch, 2));
      Files.delete(first.resolve("manifest.json")); // as pruning does
      begin("step-000016");
      await(() -> watch.hasBegun(3));
      List<String> saved = watch.saves().stream().map(SaveWatch.Save::folder).toList();
      assertEquals(List.of("step-000008", "step-000012", "step-000016"), saved);
      assertEquals(1, watch.mostAtOnce());
    }
  }

  @Test
  void shouldSeeTwoAtOnce() throws IOException {
    try (SaveWatch watch = SaveWatch.of(run)) {
      begin("step-000004");
      begin("step-000008");
      await(() -> watch.mostAtOnce() == 2);
    }
  }
}
