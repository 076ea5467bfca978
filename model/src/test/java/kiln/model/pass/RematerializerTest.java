package kiln.model.pass;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.ValueLayout;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import kiln.bindings.Onednn;
import kiln.model.Backends;
import kiln.model.diffusion.BetaSchedule;
import kiln.model.diffusion.NoiseSchedule;
import kiln.model.diffusion.PredictionType;
import kiln.model.diffusion.TimestepSpacing;
import kiln.model.diffusion.VaeObjective;
import kiln.model.graph.DType;
import kiln.model.plan.Backend;
import kiln.model.plan.LaunchInfo;
import kiln.model.plan.PlanOutline;
import kiln.model.train.BatchShape;
import kiln.model.train.GradientSink;
import kiln.model.train.MicroBatch;
import kiln.model.train.Objective;
import kiln.model.train.TinyModels;
import kiln.model.train.TrainingGraph;
import kiln.model.train.TrainingState;
import kiln.model.train.TrainingStep;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RematerializerTest {
  private static final NoiseSchedule VELOCITY =
      new NoiseSchedule(
          1000, 0.00085, 0.012, BetaSchedule.SCALED_LINEAR, null, PredictionType.V_PREDICTION, false,
          TimestepSpacing.TRAILING, 0, false, 1, false);

  private static final String TRANSFORMER = "unet.mid_block.attentions.0.transformer_blocks.0";
  private static final String T5_LAYER = "text_encoder.block.0.layer.1.DenseReluDense";

  /** What a step computes. */
  private record Outcome(float loss, float[] gradients, long planBytes, long flops) {}

  private static Outcome step(
      Objective objective, TrainingState state, Backend backend, Remat remat, List<MicroBatch> batches) {
    try (TrainingStep step = new TrainingStep(objective, state, backend, remat)) {
      float loss = step.run(batches, GradientSink.NONE);
      long flops = step.flops(batches.getFirst().shape(), batches.size());
      return new Outcome(loss, state.gradients().toArray(ValueLayout.JAVA_FLOAT), step.planBytes(), flops);
    }
  }

  private static Map<Remat, Outcome> all(
      Objective objective, TrainingState state, Backend backend, List<MicroBatch> batches) {
    Map<Remat, Outcome> outcomes = new EnumMap<>(Remat.class);
    for (Remat remat : Remat.values()) {
      outcomes.put(remat, step(objective, state, backend, remat, batches));
    }
    return outcomes;
  }

  private static void checkSameBits(Map<Remat, Outcome> outcomes) {
    Outcome kept = outcomes.get(Remat.NONE);
    outcomes.forEach((remat, outcome) -> {
      assertEquals(kept.loss, outcome.loss, "remat=" + remat);
      assertArrayEquals(kept.gradients, outcome.gradients, "remat=" + remat);
    });
  }

  private static void checkLessMemoryForMoreWork(Map<Remat, Outcome> outcomes) {
    Outcome none = outcomes.get(Remat.NONE);
    Outcome blocks = outcomes.get(Remat.BLOCKS);
    Outcome full = outcomes.get(Remat.FULL);
    assertTrue(none.planBytes > blocks.planBytes && blocks.planBytes > full.planBytes, outcomes::toString);
    assertTrue(none.flops < blocks.flops && blocks.flops < full.flops, outcomes::toString);
    assertTrue(full.flops < 2 * none.flops, outcomes::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"reference", "cpu"})
  void shouldGiveTheSameGradientsOfUNetAndTextEncoder(String name) {
    try (Backend backend = Backends.open(name);
        TinyModels models = new TinyModels()) {
      Objective objective = models.objective(VELOCITY, 0.5f);
      Map<Remat, Outcome> outcomes = all(objective, models.state, backend, List.of(models.batch(0, 4)));
      checkSameBits(outcomes);
      checkLessMemoryForMoreWork(outcomes);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"reference", "cpu"})
  void shouldGiveTheSameGradientsOfAnAutoencoder(String name) {
    try (Backend backend = Backends.open(name);
        TinyModels models = new TinyModels();
        TrainingState state = new TrainingState(models.vae.parameters())) {
      state.initialize(3);
      Objective objective = new VaeObjective(models.vae, 1e-6f, 1, DType.F32);
      Map<Remat, Outcome> outcomes = all(objective, state, backend, List.of(models.batch(0, 2)));
      checkSameBits(outcomes);
      assertTrue(outcomes.get(Remat.NONE).planBytes > outcomes.get(Remat.BLOCKS).planBytes, outcomes::toString);
    }
  }

  @Test
  void shouldGiveTheSameGradientsOfSeveralMicroBatches() {
    try (Backend backend = Backends.open("cpu");
        TinyModels models = new TinyModels()) {
      List<MicroBatch> batches = Stream.of(0, 2, 4).map(first -> models.batch(first, 2)).toList();
      checkSameBits(all(models.objective(VELOCITY, 0.5f), models.state, backend, batches));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"reference", "cpu"})
  void shouldGiveTheSameGradientsInBfloat16(String name) {
    assumeTrue(name.equals("reference") || Onednn.multipliesBf16(), "the processor does not multiply bfloat16 numbers");
    try (Backend backend = Backends.open(name);
        TinyModels models = new TinyModels()) {
      checkSameBits(all(models.objective(VELOCITY, 0.5f, DType.BF16), models.state, backend, List.of(models.batch(0, 2))));
    }
  }

  @Test
  void shouldMarkWhatIsComputedOnceMore() {
    BatchShape shape = new BatchShape(1, TinyModels.SIDE, TinyModels.SIDE, TinyModels.CAPTION_LENGTH);
    try (Backend backend = Backends.open("reference");
        TinyModels models = new TinyModels()) {
      Objective objective = models.objective(VELOCITY, 0);
      for (Remat remat : Remat.values()) {
        PlanOutline outline = TrainingGraph.trace(objective, shape, 1, remat).outline(backend, 1);
        List<String> again =
            outline.launches().stream().map(LaunchInfo::scope).filter(s -> s.contains(Rematerializer.MARK)).toList();
        assertEquals(remat == Remat.NONE, again.isEmpty(), "remat=" + remat);
        assertTrue(again.stream().noneMatch(scope -> scope.startsWith("vae.")), "the frozen autoencoder has no gradient");
        if (remat == Remat.BLOCKS) {
          assertTrue(again.containsAll(List.of(TRANSFORMER + ".ff.net.0.proj'recomputed", T5_LAYER + ".wi_0'recomputed")));
          assertFalse(again.contains(TRANSFORMER + ".ff.net.2'recomputed"), "nobody reads what ends a block");
        }
      }
    }
  }

  @Test
  void shouldKnowThePartsOfTheNetworks() {
    String resnet = "unet.down_blocks.1.resnets.0";
    assertEquals(List.of(), Remat.NONE.path(resnet + ".conv1"));
    assertEquals(List.of(resnet), Remat.BLOCKS.path(resnet + ".conv1"));
    assertEquals(List.of("unet.down_blocks.1..0", resnet, resnet + ".conv1"), Remat.FULL.path(resnet + ".conv1"));
    String attention = "unet.down_blocks.1.attentions.0";
    String transformer = attention + ".transformer_blocks.0";
    assertEquals(List.of(attention), Remat.BLOCKS.path(attention + ".proj_in"));
    assertEquals(List.of(transformer), Remat.BLOCKS.path(transformer + ".attn1.to_q"));
    assertEquals(
        List.of("unet.down_blocks.1..0", transformer, transformer + ".attn1"), Remat.FULL.path(transformer + ".attn1.to_q"));
    assertEquals(List.of("unet.mid_block..1", "unet.mid_block.resnets.1"), Remat.FULL.path("unet.mid_block.resnets.1"));
    String layer = "text_encoder.encoder.block.3.layer.0";
    assertEquals(List.of("text_encoder.encoder.block.3"), Remat.BLOCKS.path(layer + ".SelfAttention.q"));
    assertEquals(List.of("text_encoder.encoder.block.3", layer), Remat.FULL.path(layer + ".SelfAttention.q"));
    String clip = "text_encoder.text_model.encoder.layers.2";
    assertEquals(List.of(clip, clip + ".mlp"), Remat.FULL.path(clip + ".mlp.fc1"));
    assertEquals(List.of(), Remat.FULL.path("unet.conv_in"));
  }
}
