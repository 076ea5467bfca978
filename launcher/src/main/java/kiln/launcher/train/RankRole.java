package kiln.launcher.train;

import kiln.launcher.checkpoint.Completion;
import kiln.launcher.checkpoint.SavedCheckpoint;
import kiln.launcher.telemetry.StepMetrics;
import kiln.model.train.TrainingState;

/** What differs between ranks: rank 0 writes and talks, the others only compute. */
interface RankRole {
  /** Whether this rank was asked to stop. */
  boolean stopRequested();

  /** An update was made. */
  void stepped(StepMetrics metrics, double seconds);

  /** The validation loss was measured after {@code step} updates. */
  void validated(long step, double loss);

  /** Whether this rank knows that the validation after the step that the run goes on from was cut short. */
  boolean lacksValidation();

  /** Something for the user to read. */
  void say(String line);

  /** What rank 0 adds to a checkpoint of this state; null on others. */
  Completion completion(TrainingState state);

  /** A checkpoint has been begun, for which this step waited so long. */
  void saving(double seconds);

  /** A checkpoint is complete. Rank 0 hears it. */
  void saved(SavedCheckpoint checkpoint);
}
