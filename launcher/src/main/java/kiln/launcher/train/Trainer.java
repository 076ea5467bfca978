package kiln.launcher.train;

import java.util.List;
import kiln.bindings.UserException;
import kiln.collectives.Communicator;
import kiln.launcher.parallel.DataParallel;
import kiln.launcher.preset.Preset;
import kiln.launcher.profile.StepProfile;
import kiln.launcher.telemetry.HeapMeter;
import kiln.launcher.telemetry.PeakMemory;
import kiln.launcher.telemetry.StepMetrics;
import kiln.model.optim.AdamW;
import kiln.model.optim.Ema;
import kiln.model.optim.GlobalNorm;
import kiln.model.optim.LearningRate;
import kiln.model.train.GradientSink;
import kiln.model.train.MicroBatch;
import kiln.model.train.TrainingState;
import kiln.model.train.TrainingStep;

/** The training loop: what every rank does, step by step. */
final class Trainer {
  private static final double TERA = 1e12;

  private final Preset preset;
  private final Communicator communicator;
  private final TrainingState state;
  private final TrainingStep step;
  private final DataParallel parallel;
  private final StepTotals totals;
  private final BatchSource source;
  private final Validation validation;
  private final StepProfile profile;
  private final RankRole role;
  private final AdamW optimizer;
  private final LearningRate learningRate;
  private final Ema average;
  private final HeapMeter heap = new HeapMeter();

  Trainer(
      Preset preset,
      Communicator communicator,
      TrainingState state,
      TrainingStep step,
      DataParallel parallel,
      StepTotals totals,
      BatchSource source,
      Validation validation,
      StepProfile profile,
      RankRole role) {
    this.preset = preset;
    this.communicator = communicator;
    this.state = state;
    this.step = step;
    this.parallel = parallel;
    this.totals = totals;
    this.source = source;
    this.validation = validation;
    this.profile = profile;
    this.role = role;
    this.optimizer = Recipes.optimizer(preset);
    this.learningRate = Recipes.learningRate(preset);
    this.average = Ema.growing(preset.emaDecay());
  }

  /**
   * Takes the steps that are left, or those until somebody asks to stop.
   *
   * @return whether the run is complete
   */
  boolean run() {
    if (state.step() == 0) {
      role.validated(0, validation.loss());
    }
    prepare();
    boolean stop = false;
    while (state.step() < preset.steps() && !stop) {
      stop = takeStep();
      boolean last = state.step() == preset.steps();
      if (profile.isDue(last || stop)) {
        profile.write().forEach(role::say);
      }
      if (last || state.step() % preset.validation().every() == 0) {
        role.validated(state.step(), validation.loss());
      }
      if (last || stop || state.step() % preset.saveEvery() == 0) {
        role.save(state);
      }
    }
    return state.step() == preset.steps();
  }

  /** Makes the first plan now, so that the first step's speed tells that of the others. */
  private void prepare() {
    List<MicroBatch> first = source.microBatches(state.step());
    step.prepare(first.getFirst().shape(), first.size());
  }

  private boolean takeStep() {
    long start = System.nanoTime();
    long number = state.step() + 1;
    profile.begin(number);
    List<MicroBatch> microBatches = source.microBatches(state.step());

    GradientSink sink = parallel.begin();
    profile.mark("take batch", 0);
    float loss = step.run(microBatches, sink); // gradients travel while backward goes on
    profile.skip();
    parallel.await();
    profile.mark("wait for gradients", 0);

    double norm = parallel.gradientNorm();
    profile.mark("gradient norm", state.gradients().byteSize());
    checkFinite(number, norm);
    double rate = learningRate.at(state.step());
    double scale = GlobalNorm.clipScale(norm, preset.optimizer().clipNorm());
    parallel.update(optimizer, average, number, rate, scale);
    profile.mark("AdamW and moving average", optimizerBytes());
    state.advance(preset.batch());

    totals.exchange(loss, role.stopRequested(), PeakMemory.megabytes());
    profile.mark("exchange totals", 0);
    profile.end();
    double seconds = (System.nanoTime() - start) * 1e-9;
    role.stepped(metrics(microBatches, norm, rate, seconds), seconds);
    return totals.stop();
  }

  private long optimizerBytes() {
    return StepProfile.optimizerBytes(state.weights().byteSize(), state.isAveraged(), state.isNarrowed());
  }

  private void checkFinite(long number, double norm) {
    if (!Double.isFinite(norm)) {
      String advice = "try a smaller optimizer.learning_rate (--set) or another --seed";
      throw new UserException("step " + number + ": the gradient's norm is " + norm + "; " + advice);
    }
  }

  private StepMetrics metrics(List<MicroBatch> microBatches, double norm, double rate, double seconds) {
    double flops = (double) step.flops(microBatches.getFirst().shape(), microBatches.size());
    return new StepMetrics(
        state.step(),
        totals.loss(),
        norm,
        rate,
        preset.batch() / seconds,
        flops * microBatches.size() * communicator.size() / seconds / TERA,
        totals.megabytes(),
        heap.lap(),
        null);
  }
}
