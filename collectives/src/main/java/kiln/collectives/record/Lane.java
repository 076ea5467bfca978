package kiln.collectives.record;

import java.util.ArrayDeque;
import kiln.collectives.Collective;

/** One communicator in a {@link FlightRecorder}, whose lock guards all that is here. */
final class Lane {
  /** So many handles stay as their caller knows them after he has waited for them. */
  private static final int KEPT = 256;

  private final FlightRecorder recorder;
  private final int index;
  private final String name;
  private final int rank;
  private final int size;
  private final ArrayDeque<RecordedPending> underWay = new ArrayDeque<>(); // in the order of their sequence numbers
  private final ArrayDeque<RecordedPending> retired = new ArrayDeque<>();
  private long issued;
  private long ended;
  private OperationKind lastKind;
  private long lastBytes;
  private long firstSince; // when the first one under way began to be that

  Lane(FlightRecorder recorder, int index, String name, int rank, int size) {
    this.recorder = recorder;
    this.index = index;
    this.name = name;
    this.rank = rank;
    this.size = size;
  }

  String name() {
    return name;
  }

  /** An operation is issued now. */
  RecordedPending issue(Collective collective) {
    return switch (collective) {
      case Collective.AllReduce c -> issue(OperationKind.ALL_REDUCE, c, c.reduction().ordinal());
      case Collective.ReduceScatter c -> issue(OperationKind.REDUCE_SCATTER, c, c.reduction().ordinal());
      case Collective.AllGather c -> issue(OperationKind.ALL_GATHER, c, FlightRecordDescriptor.NONE);
      case Collective.Broadcast c -> issue(OperationKind.BROADCAST, c, FlightRecordDescriptor.NONE);
      case Collective.Barrier c -> issue(OperationKind.BARRIER, c, FlightRecordDescriptor.NONE);
    };
  }

  RecordedPending issueSplit() {
    return issue(OperationKind.SPLIT, 0, FlightRecordDescriptor.NONE, FlightRecordDescriptor.NONE);
  }

  private RecordedPending issue(OperationKind kind, Collective c, int reduction) {
    return issue(kind, c.bytes(), c.type().ordinal(), reduction);
  }

  private RecordedPending issue(OperationKind kind, long bytes, int type, int reduction) {
    synchronized (recorder) {
      harvest();
      RecordedPending pending = retired.size() > KEPT ? retired.poll() : new RecordedPending(recorder, this);
      long now = System.nanoTime();
      if (underWay.isEmpty()) {
        firstSince = now;
      }
      pending.issued(recorder.issue(index, issued, kind, bytes, type, reduction, now), kind, bytes, now);
      underWay.add(pending);
      issued++;
      return pending;
    }
  }

  /** Writes the ends of what has ended in the background. */
  void harvest() {
    synchronized (recorder) {
      for (RecordedPending first = underWay.peek(); first != null && first.hasEnded(); first = underWay.peek()) {
        underWay.remove();
        ended++;
        lastKind = first.kind();
        lastBytes = first.bytes();
        firstSince = first.ended();
        recorder.end(first.number(), first.begun(), first.ended());
      }
    }
  }

  /** Its caller has waited for it. */
  void retire(RecordedPending pending) {
    synchronized (recorder) {
      harvest();
      retired.add(pending);
    }
  }

  LaneState state() {
    synchronized (recorder) {
      harvest();
      RecordedPending first = underWay.peek();
      return first == null
          ? new LaneState(name, rank, size, issued, ended, lastKind, lastBytes, 0)
          : new LaneState(
              name, rank, size, issued, ended, first.kind(), first.bytes(), Math.max(0, System.nanoTime() - firstSince));
    }
  }
}
