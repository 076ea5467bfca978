package kiln.model.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import kiln.model.Backends;
import kiln.model.Tolerances;
import kiln.model.diffusion.BetaSchedule;
import kiln.model.diffusion.NoiseSchedule;
import kiln.model.diffusion.PredictionType;
import kiln.model.diffusion.TimestepSpacing;
import kiln.model.diffusion.VaeObjective;
import kiln.model.graph.DType;
import kiln.model.optim.AdamW;
import kiln.model.optim.GlobalNorm;
import kiln.model.plan.Backend;
import org.junit.jupiter.api.Test;

class TrainingStepTest {
  private static final NoiseSchedule VELOCITY =
      new NoiseSchedule(
          1000, 0.00085, 0.012, BetaSchedule.SCALED_LINEAR, null, PredictionType.V_PREDICTION, false,
          TimestepSpacing.TRAILING, 0, false, 1, false);
  private static final double GRADIENT_RTOL = 1e-4;

  /** What one rank computes with a batch of 8, with micro-batches of 2, and what two ranks would average. */
  @Test
  void shouldGiveTheSameGradientsHoweverTheBatchIsCut() {
    try (Backend backend = Backends.open("cpu");
        TinyModels models = new TinyModels();
        TrainingStep step = new TrainingStep(models.objective(VELOCITY, 0.5f), models.state, backend)) {
      float loss = step.run(List.of(models.batch(0, 8)), GradientSink.NONE);
      float[] whole = gradients(models.state);

      List<MicroBatch> quarters = IntStream.range(0, 4).mapToObj(i -> models.batch(2 * i, 2)).toList();
      assertEquals(loss, step.run(quarters, GradientSink.NONE), 1e-5 * loss);
      checkGradients("accumulated", whole, gradients(models.state), models.state);

      float firstLoss = step.run(List.of(models.batch(0, 4)), GradientSink.NONE);
      float[] first = gradients(models.state);
      float secondLoss = step.run(List.of(models.batch(4, 4)), GradientSink.NONE);
      float[] second = gradients(models.state);
      assertEquals(loss, (firstLoss + secondLoss) / 2, 1e-5 * loss);
      for (int i = 0; i < first.length; i++) {
        first[i] = (first[i] + second[i]) / 2;
      }
      checkGradients("averaged", whole, first, models.state);
    }
  }

  @Test
  void shouldTellEveryGradientOnceInTheLastMicroBatchWhenItIsFinal() {
    try (Backend backend = Backends.open("cpu");
        TinyModels models = new TinyModels();
        TrainingStep step = new TrainingStep(models.objective(VELOCITY, 0), models.state, backend)) {
      for (int n : new int[] {1, 3}) {
        List<MicroBatch> batches = IntStream.range(0, n).mapToObj(i -> models.batch(2 * i, 2)).toList();
        List<Integer> told = new ArrayList<>();
        List<float[]> atThatTime = new ArrayList<>();
        step.run(batches, index -> {
          told.add(index);
          atThatTime.add(gradient(models.state, index));
        });
        int numParameters = models.state.table().entries().size();
        assertEquals(IntStream.range(0, numParameters).boxed().toList(), told.stream().sorted().toList());
        for (int i = 0; i < numParameters; i++) {
          assertArrayEquals(gradient(models.state, told.get(i)), atThatTime.get(i), "index=" + told.get(i));
        }
        assertTrue(told.indexOf(numParameters - 1) > told.indexOf(0) || told.getFirst() > 0, "not in backward order");
      }
    }
  }

  @Test
  void shouldRepeatAStepBitForBit() {
    try (Backend backend = Backends.open("cpu");
        TinyModels models = new TinyModels();
        TrainingStep step = new TrainingStep(models.objective(VELOCITY, 0.5f), models.state, backend)) {
      step.run(List.of(models.batch(0, 4)), GradientSink.NONE);
      float[] first = gradients(models.state);
      models.state.restore(7, 28);
      step.run(List.of(models.batch(0, 4)), GradientSink.NONE);
      float[] another = gradients(models.state);
      models.state.restore(0, 0);
      step.run(List.of(models.batch(0, 4)), GradientSink.NONE);
      assertArrayEquals(first, gradients(models.state));
      assertTrue(!Arrays.equals(first, another), "another step draws other noise");
    }
  }

  /** The autoencoder learns one batch by heart. */
  @Test
  void shouldOverfitOneBatch() {
    try (Backend backend = Backends.open("cpu");
        TinyModels models = new TinyModels();
        TrainingState state = new TrainingState(models.vae.parameters());
        TrainingStep step = new TrainingStep(new VaeObjective(models.vae, 1e-6f, 1, DType.F32), state, backend)) {
      state.initialize(3);
      List<MicroBatch> batch = List.of(models.batch(0, 2));
      float first = step.run(batch, GradientSink.NONE);
      float last = first;
      AdamW adamW = AdamW.standard();
      for (int i = 0; i < 400 && last > first / 10; i++) {
        last = step.run(batch, GradientSink.NONE);
        double scale = GlobalNorm.clipScale(GlobalNorm.of(state.gradients()), 1);
        state.advance(2);
        adamW.step(
            state.weights(), state.gradients(), state.firstMoment(), state.secondMoment(), state.step(), 5e-3, scale);
      }
      assertTrue(last <= first / 10, "first=" + first + " last=" + last + " steps=" + state.step());
    }
  }

  @Test
  void shouldEvaluateWhatItTrainsOn() {
    try (Backend backend = Backends.open("cpu");
        TinyModels models = new TinyModels();
        TrainingStep step = new TrainingStep(models.objective(VELOCITY, 0), models.state, backend);
        LossEvaluation evaluation =
            new LossEvaluation(
                models.objective(VELOCITY, 0), models.state.table(), models.state.average(), backend)) {
      float trained = step.run(List.of(models.batch(0, 4)), GradientSink.NONE);
      assertEquals(trained, evaluation.run(0, models.batch(0, 4)), 1e-5 * trained);
      assertTrue(step.flops(models.batch(0, 4).shape(), 1) > 0);
      assertTrue(step.planBytes() > 0);
    }
  }

  private static void checkGradients(String what, float[] expected, float[] actual, TrainingState state) {
    double largest = 0;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (var entry : state.table().entries()) {
      int from = (int) (entry.offset() / Float.BYTES);
      int to = from + (int) (entry.bytes() / Float.BYTES);
      String name = what + " " + entry.parameter().name();
      float[] e = Arrays.copyOfRange(expected, from, to);
      float[] a = Arrays.copyOfRange(actual, from, to);
      Tolerances.checkAbsolute(name, GRADIENT_RTOL * largest, a, e);
    }
  }

  private static float[] gradients(TrainingState state) {
    return state.gradients().toArray(ValueLayout.JAVA_FLOAT);
  }

  private static float[] gradient(TrainingState state, int index) {
    return state.table().entries().get(index).slice(state.gradients()).toArray(ValueLayout.JAVA_FLOAT);
  }
}
