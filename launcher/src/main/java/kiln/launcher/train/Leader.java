package kiln.launcher.train;

import java.util.function.Supplier;
import kiln.data.queue.Schedule;
import kiln.launcher.checkpoint.Completion;
import kiln.launcher.checkpoint.SavedCheckpoint;
import kiln.launcher.checkpoint.TrainingRecord;
import kiln.launcher.checkpoint.Versions;
import kiln.launcher.ranks.StopRequest;
import kiln.launcher.telemetry.StepMetrics;
import kiln.model.train.TrainingState;

/** Rank 0: completes checkpoints and writes the log. */
final class Leader implements RankRole {
  /** What of a checkpoint depends on the workload. */
  @FunctionalInterface
  interface Contents {
    Completion of(TrainingState state, TrainingRecord record);
  }

  private final TrainJob job;
  private final StopRequest stop;
  private final TrainingLog log;
  private final Contents contents;
  private final Schedule schedule;
  private final Supplier<TrainingRecord.DataRecord> data;
  private final int ranks;
  private final double secondsBefore;
  private final long started = System.nanoTime();

  Leader(
      TrainJob job,
      StopRequest stop,
      TrainingLog log,
      Contents contents,
      Schedule schedule,
      Supplier<TrainingRecord.DataRecord> data,
      int ranks,
      double secondsBefore) {
    this.job = job;
    this.stop = stop;
    this.log = log;
    this.contents = contents;
    this.schedule = schedule;
    this.data = data;
    this.ranks = ranks;
    this.secondsBefore = secondsBefore;
  }

  @Override
  public boolean stopRequested() {
    return stop.requested();
  }

  @Override
  public void stepped(StepMetrics metrics, double seconds) {
    log.step(metrics, seconds);
  }

  @Override
  public void validated(long step, double loss) {
    log.validation(step, loss);
  }

  @Override
  public boolean lacksValidation() {
    return log.lacksValidation();
  }

  @Override
  public void say(String line) {
    log.say(line);
  }

  @Override
  public Completion completion(TrainingState state) {
    double seconds = secondsBefore + (System.nanoTime() - started) * 1e-9;
    TrainingRecord record =
        new TrainingRecord(
            TrainingRecord.VERSION,
            Versions.here(),
            job.preset(),
            job.seed(),
            state.step(),
            state.samplesSeen(),
            schedule.epoch(state.step()),
            schedule.stepInEpoch(state.step()),
            data.get(),
            ranks,
            job.sharding(),
            seconds);
    return contents.of(state, record);
  }

  @Override
  public void saving(double seconds) {
    log.saving(seconds);
  }

  @Override
  public void saved(SavedCheckpoint checkpoint) {
    log.saved(checkpoint);
  }
}
