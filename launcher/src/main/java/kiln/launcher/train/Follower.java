package kiln.launcher.train;

import kiln.launcher.checkpoint.Completion;
import kiln.launcher.checkpoint.SavedCheckpoint;
import kiln.launcher.ranks.StopRequest;
import kiln.launcher.telemetry.StepMetrics;
import kiln.model.train.TrainingState;

/** Ranks 1 and above. */
record Follower(StopRequest stop) implements RankRole {
  @Override
  public boolean stopRequested() {
    return stop.requested();
  }

  @Override
  public void stepped(StepMetrics metrics, double seconds) {}

  @Override
  public void validated(long step, double loss) {}

  @Override
  public boolean lacksValidation() {
    return false; // rank 0 has the log
  }

  @Override
  public void say(String line) {}

  @Override
  public Completion completion(TrainingState state) {
    return null;
  }

  @Override
  public void saving(double seconds) {}

  @Override
  public void saved(SavedCheckpoint checkpoint) {}
}
