package kiln.launcher.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kiln.collectives.local.LocalCommunicator;
import kiln.launcher.KilnProcess;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import kiln.launcher.backend.BackendChoice;
import kiln.launcher.control.ControlOptions;
import kiln.launcher.guard.GuardOptions;
import kiln.launcher.parallel.GradientOptions;
import kiln.launcher.parallel.ShardMode;
import kiln.launcher.parallel.Sharding;
import kiln.launcher.parallel.WireType;
import kiln.launcher.preset.PresetCatalog;
import kiln.launcher.telemetry.StepMetrics;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Whatever ranks divide among themselves, however many they are: losses are those of one rank that keeps everything. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ShardedRanksTest {
  private static final int STEPS = 12;
  private static final int BATCH = 8;

  /** Relative, of the losses of each step. */
  private static final double LOSSES = 1e-6;

  /** Small, so that the small network has many; not a multiple of a page. */
  private static final long BUCKET_BYTES = 300_000;

  @TempDir private static Path folder;

  private final Map<String, Path> jobs = new LinkedHashMap<>();

  @Test
  @Order(1)
  void shouldTrainAlikeOnOneRank() {
    addModes(1);
    run(1);
    assertSameLosses("none on 1");
  }

  @Test
  @Order(2)
  void shouldTrainAlikeOnTwoRanksAndInBfloat16() {
    addModes(2);
    add("gradients, 2 micro-batches on 2", ShardMode.GRADIENTS, Sharding.ALL, 2);
    add("parameters, 4 micro-batches on 2", ShardMode.PARAMETERS, Sharding.ALL, 1);
    add("full remat on 2", ShardMode.PARAMETERS, Sharding.NODE, 4, "remat=full");
    add("bf16, none", ShardMode.NONE, Sharding.ALL, 4, "precision=bf16");
    add("bf16, gradients", ShardMode.GRADIENTS, Sharding.ALL, 4, "precision=bf16");
    add("bf16, parameters", ShardMode.PARAMETERS, Sharding.ALL, 4, "precision=bf16");
    run(2);
    assertSameLosses("none on 1");
  }

  @Test
  @Order(3)
  void shouldTrainAlikeOnThreeRanks() {
    for (ShardMode mode : ShardMode.values()) {
      add(mode + " on 3", mode, Sharding.ALL, 8, "batch=24"); // blocks of 8 samples must divide it
    }
    run(3);
    assertSameLosses("none on 3");
  }

  @Test
  @Order(4)
  void shouldTrainAlikeOnFourRanksAndInGroups() {
    addModes(4);
    add("optimizer in pairs on 4", ShardMode.OPTIMIZER, 2, 2);
    add("gradients in pairs on 4", ShardMode.GRADIENTS, 2, 1);
    add("parameters in pairs on 4", ShardMode.PARAMETERS, 2, 2);
    Path half = RunFiles.checkpoint(folder.resolve("parameters on 2"), STEPS / 2);
    add("resumed on 4", half, new Sharding(ShardMode.GRADIENTS, Sharding.ALL), 2);
    run(4);
    assertSameLosses("none on 1");
    checkCheckpoints();
  }

  /** However it was divided, a checkpoint has the same tensors. */
  private static void checkCheckpoints() {
    Path expected = RunFiles.checkpoint(folder.resolve("none on 1"), STEPS);
    Path actual = RunFiles.checkpoint(folder.resolve("parameters in pairs on 4"), STEPS);
    float[] weights = RunFiles.weights(expected);
    float[] divided = RunFiles.weights(actual);
    assertEquals(weights.length, divided.length);
    for (int i = 0; i < weights.length; i++) {
      assertEquals(weights[i], divided[i], 1e-4, "weight " + i); // AdamW moves by the rate, whatever a gradient near 0 is
    }
  }

  private void addModes(int ranks) {
    for (ShardMode mode : ShardMode.values()) {
      add(mode + " on " + ranks, mode, Sharding.ALL, BATCH / ranks);
    }
  }

  private void add(String name, ShardMode mode, int group, int microBatch, String... more) {
    add(name, null, new Sharding(mode, group), microBatch, more);
  }

  private void add(String name, Path checkpoint, Sharding sharding, int microBatch, String... more) {
    List<String> settings = new ArrayList<>(List.of("batch=" + BATCH, "micro_batch=" + microBatch, "steps=" + STEPS));
    settings.addAll(List.of("optimizer.warmup_steps=0", "validation.every=6", "save_every=6"));
    settings.addAll(List.of(more));
    Path out = folder.resolve(name);
    Path file = folder.resolve(name + ".json");
    new TrainJob(
            PresetCatalog.get("tiny", settings), TinyRuns.data(), DataOptions.STANDARD, out, checkpoint, Map.of(),
            RunFiles.checkpoint(TinyRuns.vae(), 2).resolve("vae"), null, 0, SaveOptions.STANDARD, BackendChoice.CPU, null,
            new GradientOptions(BUCKET_BYTES, WireType.FLOAT32, true), new GuardOptions(1, 0, 0), sharding,
            null, ControlOptions.DEFAULT, "resume")
        .write(file);
    assertTrue(out.toFile().mkdirs());
    assertTrue(out.resolve("checkpoints").toFile().mkdirs());
    jobs.put(name, file);
  }

  private void run(int ranks) {
    Path meeting = LocalCommunicator.newFile();
    List<KilnProcess> processes = new ArrayList<>();
    try {
      for (int rank = 0; rank < ranks; rank++) {
        List<String> arguments = new ArrayList<>(List.of(meeting.toString(), "" + rank, "" + ranks));
        jobs.values().forEach(job -> arguments.add(job.toString()));
        processes.add(KilnProcess.start(ShardedRank.class, arguments.toArray(String[]::new)));
      }
      for (KilnProcess process : processes) {
        process.await().assertOk();
      }
    } finally {
      processes.forEach(KilnProcess::close);
    }
  }

  private void assertSameLosses(String reference) {
    for (String name : jobs.keySet()) {
      List<StepMetrics> expected = RunFiles.metrics(folder.resolve(name.startsWith("bf16") ? "bf16, none" : reference));
      assertEquals(STEPS + 1, expected.size());
      List<StepMetrics> actual = RunFiles.metrics(folder.resolve(name));
      int before = name.startsWith("resumed") ? STEPS / 2 + 1 : 0;
      assertEquals(expected.size() - before, actual.size(), name);
      for (int i = 0; i < actual.size(); i++) {
        StepMetrics e = expected.get(before + i);
        assertEquals(e.step(), actual.get(i).step(), name);
        assertNear(name + ": loss of step " + e.step(), e.loss(), actual.get(i).loss());
        assertNear(name + ": validation at step " + e.step(), e.validationLoss(), actual.get(i).validationLoss());
      }
      assertTrue(Files.exists(RunFiles.checkpoint(folder.resolve(name), STEPS).resolve("training.json")), name);
    }
  }

  private static void assertNear(String what, Double expected, Double actual) {
    assertEquals(expected == null, actual == null, what);
    if (expected != null) {
      assertEquals(expected, actual, LOSSES * expected, what);
    }
  }
}
