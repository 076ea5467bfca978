package kiln.launcher.train;

import kiln.launcher.checkpoint.WholeParts;
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

  /** Something for the user to read. */
  void say(String line);

  /** Collective: makes a checkpoint, on rank 0. */
  void save(TrainingState state, WholeParts parts);
}
