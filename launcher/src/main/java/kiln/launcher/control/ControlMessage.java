package kiln.launcher.control;

import java.util.List;
import kiln.collectives.record.LaneState;

/** What ranks tell each other once both sides have shown that they have the job's secret. */
sealed interface ControlMessage {
  /** To rank 0: who I am. */
  record Register(RankInfo rank) implements ControlMessage {}

  /** From rank 0: all are there. */
  record Table(RankTable table) implements ControlMessage {}

  /** From rank 0: these did not come in time. */
  record Missing(List<Integer> ranks) implements ControlMessage {}

  /** Both ways: I am there. */
  record Heartbeat() implements ControlMessage {}

  /** To rank 0: I cannot go on. From rank 0: the job cannot. */
  record Failed(JobFailure failure) implements ControlMessage {}

  /** To rank 0: a collective is late. */
  record Late() implements ControlMessage {}

  /** From rank 0: write down what you have recorded, and tell me where you stand. */
  record Inquiry() implements ControlMessage {}

  /** To rank 0: where I stand on each communicator. */
  record Standing(List<LaneState> lanes) implements ControlMessage {}

  /** To rank 0: how a rank's time went since its last message of this kind. */
  record Pace(long step, long computeNanos, long waitingNanos) implements ControlMessage {}

  /** Both ways: I end in good order. */
  record Goodbye() implements ControlMessage {}
}
