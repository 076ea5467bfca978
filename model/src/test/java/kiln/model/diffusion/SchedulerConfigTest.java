package kiln.model.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
    NoiseSchedule schedule =
        SchedulerConfig.read(file("{\"_class_name\": \"DDPMScheduler\", \"beta_end\": 0.012}")).schedule();
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

  /** As diffusers' from_config: what the file leaves out is the business of the sampler that is asked for. */
  @Test
  void shouldTakeTheDefaultsOfTheSamplerThatIsAskedFor() throws IOException {
    SchedulerConfig ofDdim = SchedulerConfig.read(file("{\"_class_name\": \"DDIMScheduler\", \"clip_sample\": false}"));
    assertEquals(SamplerKind.DDIM, ofDdim.samplerOf());
    assertEquals(TimestepSpacing.LEADING, ofDdim.schedule().timestepSpacing());
    assertEquals(750, ofDdim.sampler(new SamplerSettings(SamplerKind.DDIM, 4)).timesteps()[0]);
    assertEquals(999, ofDdim.sampler(new SamplerSettings(SamplerKind.EULER, 4)).timesteps()[0]);
    assertEquals(5, ofDdim.sampler(new SamplerSettings(SamplerKind.PNDM, 4)).timesteps().length);

    SchedulerConfig ofPndm = SchedulerConfig.read(file("{\"_class_name\": \"PNDMScheduler\"}"));
    assertEquals(13, ofPndm.sampler(new SamplerSettings(SamplerKind.PNDM, 4)).timesteps().length);
    SamplerSettings tooFew = new SamplerSettings(SamplerKind.PNDM, 3);
    assertThrows(UserException.class, () -> ofPndm.sampler(tooFew));
    assertFalse(ofPndm.schedule().clipSample());
  }

  @Test
  void shouldReadTheSettingsOfEverySampler() throws IOException {
    for (SamplerKind kind : SamplerKind.values()) {
      SchedulerConfig config = SchedulerConfig.read(file("{\"_class_name\": \"" + kind.className() + "\"}"));
      assertEquals(kind, config.samplerOf());
      assertTrue(config.sampler(new SamplerSettings(kind, 10)).timesteps().length >= 10);
    }
    assertEquals(SamplerKind.DDIM, SchedulerConfig.read(file("{}")).samplerOf());
    SchedulerConfig infinite = SchedulerConfig.read(file("{\"lambda_min_clipped\": -Infinity}"));
    infinite.write(folder.resolve("again.json"));
    assertEquals(infinite.toJson(), SchedulerConfig.read(folder.resolve("again.json")).toJson());
  }

  @Test
  void shouldWalkTheNoiseLevelsThatTheFileAsksFor() throws IOException {
    SchedulerConfig file =
        SchedulerConfig.read(file("{\"_class_name\": \"EulerDiscreteScheduler\", \"use_karras_sigmas\": true}"));
    float[] timesteps = file.sampler(new SamplerSettings(SamplerKind.EULER, 6)).timesteps();
    assertArrayEquals(timesteps, file.sampler(new SamplerSettings(SamplerKind.EULER, 6, 0, true)).timesteps());
    assertTrue(timesteps[2] != Math.rint(timesteps[2]), "a fractional timestep: " + timesteps[2]);
  }

  @Test
  void shouldWriteTheClassThatItRead() throws IOException {
    String json = "{\"_class_name\": \"PNDMScheduler\", \"_diffusers_version\": \"0.8.0\", \"skip_prk_steps\": true}";
    SchedulerConfig read = SchedulerConfig.read(file(json));
    Path copy = folder.resolve("copy.json");
    read.write(copy);
    assertEquals(read.toJson(), SchedulerConfig.read(copy).toJson());
    assertEquals(SamplerKind.PNDM, SchedulerConfig.read(copy).samplerOf());
  }

  @Test
  void shouldTrainWithASchedulerWhoseSamplerItDoesNotHave() throws IOException {
    SchedulerConfig heun = SchedulerConfig.read(file("{\"_class_name\": \"HeunDiscreteScheduler\"}"));
    assertEquals(1000, heun.schedule().numTrainTimesteps());
    String message = assertThrows(UserException.class, heun::samplerOf).getMessage();
    assertTrue(message.contains("--sampler") && message.endsWith("found HeunDiscreteScheduler"), message);
  }

  @Test
  void shouldRefuseInOneLineWhatItDoesNotHave() throws IOException {
    assertRefused("{\"thresholding\": true}", "thresholding: expected false, found true");
    assertRefused(
        "{\"variance_type\": \"learned_range\"}",
        "variance_type: expected one of fixed_small, fixed_small_log, fixed_large, found learned_range");
    assertRefused("{\"algorithm_type\": \"sde-dpmsolver++\"}", "algorithm_type: expected dpmsolver++, found");
    assertRefused("{\"interpolation_type\": \"log_linear\"}", "interpolation_type: expected linear, found");
    assertRefused("{\"sigma_max\": 80}", "sigma_max: expected null, found 80");
    assertRefused("{\"solver_order\": 3}", "solver_order: expected 1 or 2, found 3");
    assertRefused("{\"solver_p\": null}", "unknown setting solver_p");
    assertRefused("{\"num_train_timesteps\": \"many\"}", "num_train_timesteps: expected");
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
