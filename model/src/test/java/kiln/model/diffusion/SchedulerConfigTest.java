package kiln.model.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import kiln.bindings.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchedulerConfigTest {
  @TempDir private Path folder;

  @Test
  void shouldReadWhatItWrites() {
    NoiseSchedule schedule =
        new NoiseSchedule(
            500, 0.001, 0.01, BetaSchedule.SQUAREDCOS_CAP_V2, null, PredictionType.V_PREDICTION, true,
            TimestepSpacing.TRAILING, 2, true, 1.5, false);
    Path file = folder.resolve("scheduler_config.json");
    SchedulerConfig.of(SamplerKind.DDIM, schedule).write(file);
    assertEquals(schedule, SchedulerConfig.read(file).schedule());
  }

  @Test
  void shouldTakeDefaultsForWhatIsLeftOut() throws IOException {
    NoiseSchedule schedule = SchedulerConfig.read(file("{\"_class_name\": \"DDPMScheduler\", \"beta_end\": 0.012}")).schedule();
    assertEquals(1000, schedule.numTrainTimesteps());
    assertEquals(0.012, schedule.betaEnd());
    assertEquals(BetaSchedule.LINEAR, schedule.betaSchedule());
    assertTrue(schedule.clipSample());
  }

  @Test
  void shouldUseTrainedBetas() throws IOException {
    NoiseTables tables =
        SchedulerConfig.read(file("{\"num_train_timesteps\": 2, \"trained_betas\": [0.25, 0.5]}")).schedule().tables();
    assertEquals(0.75f, tables.alphaCumprod(0));
    assertEquals(0.375f, tables.alphaCumprod(1));
  }

  @Test
  void shouldRefuseInOneLineWhatItDoesNotHave() throws IOException {
    assertRefused("{\"thresholding\": true}", "thresholding: expected false, found true");
    assertRefused("{\"beta_shedule\": \"linear\"}", "unknown setting beta_shedule");
    assertRefused("{\"beta_schedule\": \"sigmoid\"}", "sigmoid");
    assertRefused("{\"num_train_timesteps\": 0}", "num_train_timesteps: expected a positive number, found 0");
    assertRefused("{\"trained_betas\": [0.1]}", "trained_betas: expected num_train_timesteps numbers, found 1");
    assertRefused("{\"rescale_betas_zero_snr\": true}", "rescale_betas_zero_snr");
    assertRefused("[]", "expected a JSON object");
    assertRefused("{\"beta_start\"", "expected a JSON object");
  }

  @Test
  void shouldRefuseAMissingFile() {
    Path missing = folder.resolve("no.json");
    assertThrows(UserException.class, () -> SchedulerConfig.read(missing));
  }

  private void assertRefused(String json, String part) throws IOException {
    Path file = file(json);
    String message = assertThrows(UserException.class, () -> SchedulerConfig.read(file), json).getMessage();
    assertTrue(message.contains(part) && message.contains(file.toString()), message);
    assertEquals(1, message.lines().count(), message);
  }

  private Path file(String json) throws IOException {
    return Files.writeString(folder.resolve("scheduler_config.json"), json);
  }
}
