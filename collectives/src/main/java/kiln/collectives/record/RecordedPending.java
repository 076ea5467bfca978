package kiln.collectives.record;

import kiln.collectives.Pending;

/** An operation under way, which notes its times. Used again for a later operation once its caller has waited for it. */
final class RecordedPending implements Pending {
  private final FlightRecorder recorder;
  private final Lane lane;

  // Guarded by the recorder.
  private long number;
  private OperationKind kind;
  private long bytes;
  private long issued;
  private long begun;
  private long ended;
  private boolean hasEnded;
  private boolean retired;

  private volatile Pending inner; // null while an operation runs on the caller's thread

  RecordedPending(FlightRecorder recorder, Lane lane) {
    this.recorder = recorder;
    this.lane = lane;
  }

  void issued(long number, OperationKind kind, long bytes, long issued) {
    this.number = number;
    this.kind = kind;
    this.bytes = bytes;
    this.issued = issued;
    hasEnded = false;
    retired = false;
    inner = null;
  }

  /** It progresses in the background. */
  RecordedPending startedAs(Pending pending) {
    inner = pending;
    return this;
  }

  /** It ran on the caller's thread from {@code start} to now, or could not be started. */
  void endedHere(long start, boolean well) {
    long now = System.nanoTime();
    synchronized (recorder) {
      begun = start;
      ended = now;
      hasEnded = true;
      recorder.waited(now - start);
      retired = true;
      lane.retire(this);
      if (!well) {
        recorder.fail(number);
      }
    }
  }

  /** Whether it has ended; looks at what runs in the background. Called with the recorder's lock. */
  boolean hasEnded() {
    Pending pending = inner;
    if (!hasEnded && pending != null && pending.isDone()) {
      long started = pending.started();
      begun = started == 0 ? issued : started; // 0: it was never begun
      ended = begun + pending.nanos();
      hasEnded = true;
    }
    return hasEnded;
  }

  @Override
  public void await() {
    long start = System.nanoTime();
    boolean well = false;
    try {
      inner.await();
      well = true;
    } finally {
      synchronized (recorder) {
        recorder.waited(System.nanoTime() - start);
        lane.harvest();
        if (!well) {
          recorder.fail(number);
        }
        if (hasEnded && !retired) {
          retired = true;
          lane.retire(this);
        }
      }
    }
  }

  /** What is recorded, if it is. */
  static Pending inner(Pending pending) {
    return pending instanceof RecordedPending recorded ? recorded.inner : pending;
  }

  @Override
  public boolean canBeFollowed() {
    return inner.canBeFollowed();
  }

  @Override
  public boolean isDone() {
    return inner.isDone();
  }

  @Override
  public long nanos() {
    return inner.nanos();
  }

  @Override
  public long started() {
    return inner.started();
  }

  @Override
  public long stoodStillNanos() {
    return inner.stoodStillNanos();
  }

  long number() {
    return number;
  }

  OperationKind kind() {
    return kind;
  }

  long bytes() {
    return bytes;
  }

  long begun() {
    return begun;
  }

  long ended() {
    return ended;
  }
}
