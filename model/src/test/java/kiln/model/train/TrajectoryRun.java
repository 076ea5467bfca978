package kiln.model.train;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.LongStream;
import kiln.model.Comparison;
import kiln.model.Golden;
import kiln.model.GoldenTensors;
import kiln.model.Tolerances;
import kiln.model.diffusion.NoiseSchedule;
import kiln.model.diffusion.SchedulerConfig;
import kiln.model.graph.DType;
import kiln.model.layer.ParameterScope;
import kiln.model.network.unet.UNet2dConditionConfig;
import kiln.model.network.unet.UNet2dConditionModel;
import kiln.model.optim.AdamW;
import kiln.model.optim.Ema;
import kiln.model.optim.GlobalNorm;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterTable;
import kiln.model.weights.Weights;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The golden run of {@code train_trajectory/}: one rank's share of it, with everything that a real run does between two steps.
 * Each rank takes a contiguous part of every batch and splits it into micro-batches; {@link GradientExchange} joins the ranks.
 */
public final class TrajectoryRun implements AutoCloseable {
  private static final String FOLDER = "train_trajectory/";
  private static final JsonNode SETTINGS = Golden.json(FOLDER + "trajectory.json");
  private static final JsonNode BOUNDS = Golden.tolerances().of("train_trajectory");
  private static final String FIRST_GRADIENT = "step0.grad.";
  private static final double NORM_RTOL = 1e-6;

  private final TrajectoryObjective objective;
  private final TrainingState state;
  private final TrainingStep step;
  private final GradientExchange exchange;
  private final Arena arena = Arena.ofShared();
  private final List<MicroBatch> microBatches = new ArrayList<>();

  /**
   * @param exchange makes what joins this rank with the others, given the state whose gradients travel
   */
  public TrajectoryRun(
      Backend backend, int rank, int size, int numMicroBatches, Function<TrainingState, GradientExchange> exchange) {
    ObjectNode schedule = SETTINGS.get("beta_schedule").asObject().deepCopy();
    schedule.set("prediction_type", SETTINGS.get("prediction_type"));
    NoiseSchedule noise = SchedulerConfig.schedule(schedule, "trajectory.json");
    UNet2dConditionConfig config = UNet2dConditionConfig.read(Golden.path(FOLDER + "init/config.json"));
    UNet2dConditionModel unet = new UNet2dConditionModel(config, new ParameterScope());
    objective = new TrajectoryObjective(unet, noise, number("snr_gamma"));
    state = new TrainingState(new ParameterTable(unet.parameters()), true, DType.F32, null, backend);
    state.write(StatePart.WEIGHTS, weights -> Weights.load(Golden.path(FOLDER + "init"), state.table(), weights));
    state.restart();
    step = new TrainingStep(objective, state, backend);
    this.exchange = exchange.apply(state);

    int samples = objective.batch() / size / numMicroBatches;
    if (objective.batch() != samples * size * numMicroBatches) {
      throw new IllegalArgumentException("a batch of " + objective.batch() + " does not divide");
    }
    for (int i = 0; i < numMicroBatches; i++) {
      long first = (long) rank * (objective.batch() / size) + (long) i * samples;
      MemorySegment ids = arena.allocateFrom(ValueLayout.JAVA_LONG, LongStream.range(first, first + samples).toArray());
      microBatches.add(
          new MicroBatch(objective.shape(samples), MemorySegment.NULL, MemorySegment.NULL, MemorySegment.NULL, ids));
    }
  }

  /** Takes some steps from the start; checks loss and norms of each. */
  public void check(int numSteps) {
    for (int i = 0; i < numSteps; i++) {
      checkStep(i);
    }
  }

  /** Takes all steps; checks loss and norms of each, then weights and their average. */
  public void check() {
    check(SETTINGS.get("steps").intValue());
    checkWeights("final", here(state.weights()));
    checkWeights("ema", here(state.average()));
  }

  private void checkStep(int i) {
    float loss = step.run(microBatches, exchange.sink());
    exchange.await();
    double norm = state.gradientNorm();
    near("loss", i, exchange.average(loss), BOUNDS.get("loss_rtol").doubleValue());
    near("grad_norm", i, norm, BOUNDS.get("grad_norm_rtol").doubleValue());
    if (i == 0) {
      checkFirstGradients();
    }

    JsonNode betas = SETTINGS.get("betas");
    AdamW adamW =
        new AdamW(betas.get(0).doubleValue(), betas.get(1).doubleValue(), number("eps"), number("weight_decay"));
    state.advance(objective.batch());
    double scale = GlobalNorm.clipScale(norm, SETTINGS.get("max_grad_norm").doubleValue());
    Ema ema = Ema.constant(SETTINGS.get("ema_decay").doubleValue());
    adamW.step(state.regions(), ema, state.step(), SETTINGS.get("lr").doubleValue(), scale);
    near("param_norm", i, GlobalNorm.of(state.kernels(), state.weights()), NORM_RTOL);
    near("ema_norm", i, GlobalNorm.of(state.kernels(), state.average()), NORM_RTOL);
  }

  /** Some gradients of the first step, before clipping; of the same network and size as the UNet's own golden case. */
  private void checkFirstGradients() {
    try (GoldenTensors data = Golden.tensors(FOLDER + "data.safetensors")) {
      double rtol = Golden.tolerances().of("unet_sd21.a").get("grad_rtol").doubleValue();
      for (String name : data.names()) {
        if (name.startsWith(FIRST_GRADIENT)) {
          ParameterTable.Entry entry = state.table().entry(name.substring(FIRST_GRADIENT.length()));
          float[] actual = here(entry.slice(state.gradients())).toArray(ValueLayout.JAVA_FLOAT);
          Tolerances.checkRelative(name, rtol, actual, data.floats(name));
        }
      }
    }
  }

  /** The same numbers where Java can read them. */
  private MemorySegment here(MemorySegment place) {
    MemorySegment copy = arena.allocate(place.byteSize(), 64);
    state.memory().copy(place, copy);
    return copy;
  }

  private static void near(String what, int step, double actual, double rtol) {
    double expected = SETTINGS.get("per_step").get(what).get(step).doubleValue();
    Comparison.of(what + " step=" + step, rtol * Math.abs(expected), actual, expected).conclude();
  }

  /** RMS and maximum of the difference over all parameters together. */
  private void checkWeights(String name, MemorySegment actual) {
    try (Arena confined = Arena.ofConfined()) {
      MemorySegment expected = confined.allocate(state.table().bytes(), 64);
      Weights.load(Golden.path(FOLDER + name), state.table(), expected);
      double squares = 0;
      double largest = 0;
      for (long at = 0; at < state.table().bytes(); at += Float.BYTES) {
        double d = (double) actual.get(ValueLayout.JAVA_FLOAT, at) - expected.get(ValueLayout.JAVA_FLOAT, at);
        squares += d * d;
        largest = Math.max(largest, Math.abs(d));
      }
      double rms = Math.sqrt(squares / state.table().numParameters());
      Comparison.of(name + " rms", BOUNDS.get(name + "_rms_abs").doubleValue(), rms, 0).conclude();
      Comparison.of(name + " max", BOUNDS.get(name + "_max_abs").doubleValue(), largest, 0).conclude();
    }
  }

  /** The state after the steps taken so far. */
  public TrainingState state() {
    return state;
  }

  private static float number(String name) {
    return SETTINGS.get(name).floatValue();
  }

  @Override
  public void close() {
    step.close();
    state.close();
    arena.close();
  }
}
