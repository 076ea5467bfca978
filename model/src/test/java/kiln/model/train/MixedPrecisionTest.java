package kiln.model.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import kiln.model.Backends;
import kiln.model.diffusion.NoiseSchedule;
import kiln.model.diffusion.VaeObjective;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.Value;
import kiln.model.op.Conv2d;
import kiln.model.op.GroupNorm;
import kiln.model.op.MatMul;
import kiln.model.optim.AdamW;
import kiln.model.optim.GlobalNorm;
import kiln.model.plan.Backend;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Training in bfloat16 on float32 weights, beside training in float32. */
class MixedPrecisionTest {
  private static final double LEARNING_RATE = 2e-3;

  /** Of bfloat16's 8 bits little is left after a network, but the errors of many elements average out. */
  private static final double LOSS_RTOL = 0.02;

  private static final double NORM_RTOL = 0.06;

  private record Course(float[] losses, double[] norms) {}

  @ParameterizedTest
  @CsvSource({"reference, 3", "cpu, 40", "cuda-shim, 1"})
  void shouldTrainDiffusionNearFloat32(String backend, int steps) {
    compare(backend, steps, (models, type) -> models.objective(NoiseSchedule.STABLE_DIFFUSION, 0.2f, type));
  }

  @ParameterizedTest
  @CsvSource({"reference, 3", "cpu, 40"})
  void shouldTrainTheAutoencoderNearFloat32(String backend, int steps) {
    compare(backend, steps, (models, type) -> new VaeObjective(models.vae, 1e-4f, 1, type));
  }

  private interface Objectives {
    Objective of(TinyModels models, DType compute);
  }

  private static void compare(String name, int steps, Objectives objectives) {
    Course wide = train(name, steps, objectives, DType.F32);
    Course narrow = train(name, steps, objectives, DType.BF16);
    assertFalse(Arrays.equals(wide.losses, narrow.losses), "nothing was computed in bfloat16");
    for (int i = 0; i < steps; i++) {
      assertEquals(wide.losses[i], narrow.losses[i], LOSS_RTOL * wide.losses[i], "loss of step " + i);
      assertEquals(wide.norms[i], narrow.norms[i], NORM_RTOL * wide.norms[i], "gradient's norm of step " + i);
    }
  }

  private static Course train(String name, int steps, Objectives objectives, DType compute) {
    try (Backend backend = Backends.open(name);
        TinyModels models = new TinyModels();
        TrainingState state = new TrainingState(objectives.of(models, compute).trained(), false, DType.F32);
        TrainingStep step = new TrainingStep(objectives.of(models, compute), state, backend)) {
      state.initialize(3);
      List<MicroBatch> batch = List.of(models.batch(0, 2));
      AdamW adamW = AdamW.standard();
      Course course = new Course(new float[steps], new double[steps]);
      for (int i = 0; i < steps; i++) {
        course.losses[i] = step.run(batch, GradientSink.NONE);
        course.norms[i] = GlobalNorm.of(state.gradients());
        double scale = GlobalNorm.clipScale(course.norms[i], 1);
        state.advance(2);
        adamW.step(
            state.weights(), state.gradients(), state.firstMoment(), state.secondMoment(), state.step(), LEARNING_RATE, scale);
      }
      return course;
    }
  }

  /** What a cast too few would show: layers that compute in float32 after all, or gradients of weights that do not. */
  @Test
  void shouldComputeAllLayersInBfloat16AndAllGradientsOfWeightsInFloat32() {
    try (TinyModels models = new TinyModels()) {
      Objective objective = models.objective(NoiseSchedule.STABLE_DIFFUSION, 0, DType.BF16);
      TrainingGraph traced = TrainingGraph.trace(objective, models.batch(0, 2).shape(), 1);
      assertEquals(models.state.table().entries().size(), traced.gradients().size());
      traced.gradients().forEach((parameter, gradient) -> assertEquals(DType.F32, gradient.type().dtype(), parameter.name()));
      Graph graph = traced.graph();
      long convolutions = graph.nodes().stream().filter(node -> node.op() instanceof Conv2d).count();
      assertTrue(convolutions > 0);
      graph.nodes().stream()
          .filter(node -> node.op() instanceof Conv2d || node.op() instanceof GroupNorm || forward(node.op()))
          .filter(node -> !node.scope().contains("time_embedding")) // once per sample: as good as free
          .forEach(node -> assertEquals(DType.BF16, node.output(0).type().dtype(), node.toString()));
      Value loss = traced.loss();
      assertNotEquals(DType.BF16, loss.type().dtype());
    }
  }

  private static boolean forward(Object op) {
    return op instanceof MatMul product && !product.wide();
  }
}
