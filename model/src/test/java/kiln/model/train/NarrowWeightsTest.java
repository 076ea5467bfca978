package kiln.model.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import kiln.bindings.CastKernels;
import kiln.model.backend.cpu.CpuBackend;
import kiln.model.diffusion.NoiseSchedule;
import kiln.model.diffusion.VaeObjective;
import kiln.model.graph.DType;
import kiln.model.optim.AdamW;
import kiln.model.optim.Ema;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterTable;
import org.junit.jupiter.api.Test;

/** The bfloat16 copy of the weights: what kernels read instead of rounding weights themselves. */
class NarrowWeightsTest {
  /** Enough samples that no layer has so few rows that it would read weights as float32 (see DnnlMatMul). */
  private static final int SAMPLES = 20;

  private record Course(float[] losses, byte[] gradients, byte[] weights) {}

  @Test
  void shouldTrainDiffusionWithTheBitsOfWeightsRoundedByEveryKernel() {
    try (TinyModels models = new TinyModels()) {
      compare(models, models.objective(NoiseSchedule.STABLE_DIFFUSION, 0.2f, DType.BF16));
    }
  }

  @Test
  void shouldTrainTheAutoencoderWithTheBitsOfWeightsRoundedByEveryKernel() {
    try (TinyModels models = new TinyModels()) {
      compare(models, new VaeObjective(models.vae, 1e-4f, 1, DType.BF16));
    }
  }

  private static void compare(TinyModels models, Objective objective) {
    Course rounding = train(models, objective, DType.F32);
    Course copied = train(models, objective, DType.BF16);
    assertArrayEquals(rounding.losses, copied.losses);
    assertArrayEquals(rounding.gradients, copied.gradients, "gradients");
    assertArrayEquals(rounding.weights, copied.weights, "weights");
  }

  /** Three steps; the state has a copy of the weights if {@code copy} is bfloat16. */
  private static Course train(TinyModels models, Objective objective, DType copy) {
    try (Backend backend = new CpuBackend();
        TrainingState state = new TrainingState(objective.trained(), false, copy);
        TrainingStep step = new TrainingStep(objective, state, backend)) {
      state.initialize(3);
      float[] losses = new float[3];
      for (int i = 0; i < losses.length; i++) {
        losses[i] = step.run(List.of(models.batch(0, SAMPLES)), GradientSink.NONE);
        state.advance(SAMPLES);
        AdamW.standard().step(state.regions(), Ema.growing(0), state.step(), 1e-2, 1);
      }
      return new Course(losses, bytes(state.gradients()), bytes(state.weights()));
    }
  }

  /** That kernels read the copy, and not the weights. */
  @Test
  void shouldReadTheCopy() {
    try (TinyModels models = new TinyModels();
        Backend backend = new CpuBackend();
        TrainingState state = new TrainingState(models.vae.parameters(), false, DType.BF16);
        TrainingStep step = new TrainingStep(new VaeObjective(models.vae, 1e-4f, 1, DType.BF16), state, backend)) {
      state.initialize(3);
      float loss = step.run(List.of(models.batch(0, SAMPLES)), GradientSink.NONE);
      state.narrowWeights().fill((byte) 0);
      assertTrue(loss != step.run(List.of(models.batch(0, SAMPLES)), GradientSink.NONE));
      state.refreshNarrowWeights();
      assertEquals(loss, step.run(List.of(models.batch(0, SAMPLES)), GradientSink.NONE));
    }
  }

  @Test
  void shouldFollowTheWeightsHoweverTheyChange() {
    try (TinyModels models = new TinyModels();
        TrainingState state = new TrainingState(models.vae.parameters(), true, DType.BF16)) {
      state.initialize(1);
      checkCopy(state);
      state.weights().fill((byte) 63);
      state.restart();
      checkCopy(state);
      state.weights().fill((byte) 62);
      state.restore(4, 8);
      checkCopy(state);
      state.gradients().fill((byte) 60);
      AdamW.standard().step(state.regions(), Ema.growing(0.9), 1, 1e-2, 1);
      checkCopy(state);
      ParameterTable.Entry entry = state.table().entries().get(3);
      entry.slice(state.weights()).fill((byte) 61);
      state.refreshNarrowWeights(entry.offset(), entry.bytes());
      checkCopy(state);
    }
  }

  private static void checkCopy(TrainingState state) {
    try (Arena arena = Arena.ofConfined()) {
      long n = state.table().bytes() / Float.BYTES;
      MemorySegment expected = arena.allocate(2 * n, 64);
      CastKernels.f32ToBf16(state.weights(), expected, n);
      assertEquals(-1, expected.mismatch(state.narrowWeights()));
    }
  }

  @Test
  void shouldCountAmongTheBytesOfTheState() {
    try (TinyModels models = new TinyModels();
        TrainingState wide = new TrainingState(models.vae.parameters(), false, DType.F32);
        TrainingState narrow = new TrainingState(models.vae.parameters(), false, DType.BF16)) {
      assertFalse(wide.isNarrowed());
      assertEquals(0, wide.narrowWeights().byteSize());
      assertEquals(wide.bytes() + wide.table().bytes() / 2, narrow.bytes());
      narrow.dropNarrowWeights();
      assertFalse(narrow.isNarrowed());
      assertEquals(wide.bytes(), narrow.bytes());
    }
  }

  private static byte[] bytes(MemorySegment region) {
    return region.toArray(ValueLayout.JAVA_BYTE);
  }
}
