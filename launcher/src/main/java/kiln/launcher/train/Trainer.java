package kiln.launcher.train;

import java.util.List;
import java.util.OptionalDouble;
import java.util.function.DoubleSupplier;
import kiln.collectives.BucketStatistics;
import kiln.collectives.Communicator;
import kiln.launcher.guard.NonFiniteGuard;
import kiln.launcher.guard.WeightCheck;
import kiln.launcher.parallel.DataParallel;
import kiln.launcher.preset.Preset;
import kiln.launcher.profile.StepProfile;
import kiln.launcher.telemetry.HeapMeter;
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
  private final NonFiniteGuard guard;
  private final WeightCheck check;
  private final BatchSource source;
  private final DataGate gate;
  private final Validation validation;
  private final StepProfile profile;
  private final Saving saving;
  private final RankRole role;
  private final RankPace pace;
  private final DoubleSupplier peakMegabytes;
  private final AdamW optimizer;
  private final LearningRate learningRate;
  private final Ema average;
  private final HeapMeter heap = new HeapMeter();
  private long numSteps; // taken here
  private BucketStatistics gradients = BucketStatistics.NONE; // what they cost in all of them but the first

  Trainer(
      Preset preset,
      Communicator communicator,
      TrainingState state,
      TrainingStep step,
      DataParallel parallel,
      StepTotals totals,
      NonFiniteGuard guard,
      WeightCheck check,
      BatchSource source,
      DataGate gate,
      Validation validation,
      StepProfile profile,
      Saving saving,
      RankRole role,
      RankPace pace,
      DoubleSupplier peakMegabytes) {
    this.preset = preset;
    this.communicator = communicator;
    this.state = state;
    this.step = step;
    this.parallel = parallel;
    this.totals = totals;
    this.guard = guard;
    this.check = check;
    this.source = source;
    this.gate = gate;
    this.validation = validation;
    this.profile = profile;
    this.saving = saving;
    this.role = role;
    this.pace = pace;
    this.peakMegabytes = peakMegabytes;
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
    boolean stop = isAskedToStop(); // while it was loading, or waiting for the others
    if (!stop) {
      check.run(0, true);
      stop = state.step() < preset.steps() && !gate.await(state.step(), role, saving::finish);
    }
    boolean unvalidated = isUnvalidated();
    if (unvalidated && !stop) {
      stop = !validate();
      unvalidated = stop;
    }
    if (!stop && source.has(state.step())) {
      prepare();
    }
    while (state.step() < preset.steps() && !stop) {
      long start = System.nanoTime();
      if (!gate.await(state.step(), role, saving::finish)) {
        if (numSteps > 0) {
          saving.save(state, parallel);
        }
        break;
      }
      stop = takeStep(start);
      boolean last = state.step() == preset.steps();
      if (profile.isDue(last || stop)) {
        profile.write().forEach(role::say);
      }
      unvalidated = isToBeValidated();
      if (unvalidated && !stop) {
        stop = !validate();
        unvalidated = stop;
      }
      boolean saves = last || stop || saving.isDue(state.step());
      check.run(state.step(), saves);
      if (saves) {
        saving.save(state, parallel);
      }
    }
    saving.finish();
    report();
    return state.step() >= preset.steps() && !unvalidated;
  }

  /** Collective. */
  private boolean isAskedToStop() {
    return totals.any(role.stopRequested());
  }

  private boolean isToBeValidated() {
    boolean due = state.step() >= preset.steps() || state.step() % preset.validation().every() == 0;
    return due && !validation.isEmpty();
  }

  /** Collective: whether the loss with which the run begins, or on which it was stopped the last time, is still to be measured. */
  private boolean isUnvalidated() {
    return state.step() == 0 ? !validation.isEmpty() : isToBeValidated() && totals.any(role.lacksValidation());
  }

  /**
   * Measures the validation loss, unless somebody asks to stop meanwhile: then a resumed run measures it.
   *
   * @return whether it is measured
   */
  private boolean validate() {
    OptionalDouble loss = validation.loss(this::isAskedToStop);
    loss.ifPresent(measured -> role.validated(state.step(), measured));
    return loss.isPresent();
  }

  /** Makes the first plan now, so that the first step's speed tells that of the others. */
  private void prepare() {
    List<MicroBatch> first = source.microBatches(state.step());
    step.prepare(first.getFirst().shape(), first.size());
  }

  /** What gradients cost in all steps but the first, which learns in what order to send them. */
  private void report() {
    if (communicator.size() > 1 && gradients.numBuckets() > 0) {
      role.say(gradients.describe(numSteps - 1));
    }
  }

  /**
   * @param start when it began, with waiting for its samples to be written
   */
  private boolean takeStep(long start) {
    long number = state.step() + 1;
    profile.begin(number);
    List<MicroBatch> microBatches = source.take(state.step());
    double dataSeconds = (System.nanoTime() - start) * 1e-9;

    BucketStatistics before = parallel.statistics();
    GradientSink sink = parallel.begin();
    profile.mark("take batch", 0);
    float loss = step.run(microBatches, sink, source::ahead); // gradients travel while backward goes on
    profile.skip();
    parallel.await();
    profile.mark("wait for gradients", 0);

    double norm = parallel.gradientNorm();
    profile.mark("gradient norm", state.gradients().byteSize());
    BucketStatistics reduced = parallel.statistics().minus(before);
    double peak = peakMegabytes.getAsDouble();
    totals.exchange(loss, role.stopRequested(), peak, reduced, dataSeconds, saving.asks(), saving.isBusy());
    saving.heard(totals.save(), totals.writing());
    profile.mark("exchange totals", 0);

    double rate = learningRate.at(state.step());
    boolean skipped = guard.skips(number, totals.loss(), norm);
    if (!skipped) {
      double scale = GlobalNorm.clipScale(norm, preset.optimizer().clipNorm());
      parallel.update(optimizer, average, number, rate, scale);
      profile.mark("AdamW and moving average", optimizerBytes());
    }
    state.advance(preset.batch()); // a skipped step counts: the next one has other samples
    profile.end();
    long nanos = System.nanoTime() - start;
    pace.stepped(number, nanos);
    double seconds = nanos * 1e-9;
    if (skipped) {
      role.say("step " + number + ": skipped, " + NonFiniteGuard.found(totals.loss(), norm));
    }
    role.stepped(metrics(microBatches, norm, rate, seconds), seconds);
    if (numSteps++ > 0) {
      gradients = gradients.plus(totals.ofLast(reduced));
    }
    return totals.stop();
  }

  private long optimizerBytes() {
    return StepProfile.optimizerBytes(state.weights().byteSize(), state.isAveraged(), state.isNarrowed());
  }

  private static Double finiteOrNull(double number) {
    return Double.isFinite(number) ? number : null;
  }

  private StepMetrics metrics(List<MicroBatch> microBatches, double norm, double rate, double seconds) {
    boolean alone = communicator.size() == 1;
    double flops = (double) step.flops(microBatches.getFirst().shape(), microBatches.size());
    return new StepMetrics(
        state.step(),
        finiteOrNull(totals.loss()),
        finiteOrNull(norm),
        rate,
        preset.batch() / seconds,
        flops * microBatches.size() * communicator.size() / seconds / TERA,
        totals.megabytes(),
        heap.lap(),
        alone ? null : totals.communicationSeconds(),
        alone ? null : totals.hiddenShare(),
        totals.dataSeconds(),
        guard.skipped() == 0 ? null : guard.skipped(),
        pace.slowest(state.step()),
        null,
        null);
  }
}
