package kiln.launcher.profile;

import java.util.ArrayList;
import java.util.List;
import kiln.collectives.Communicator;
import kiln.collectives.GradientBuckets;
import kiln.launcher.parallel.DataParallel;
import kiln.model.plan.LaunchInfo;
import kiln.model.plan.Plan;
import kiln.model.train.TrainingStep;

/**
 * Records some steps of a rank: every launch of the plans, every bucket of gradients that travels beside them, and what the
 * training loop does besides. While no step is recorded, neither plans nor buckets know of it.
 */
public final class StepProfile implements Plan.LaunchProfiler, GradientBuckets.Listener {
  private static final int ROWS = 15;

  private final ProfileRequest request; // null to record nothing
  private final Communicator communicator;
  private final TrainingStep step;
  private final DataParallel parallel;
  private final long first;
  private final long last;
  private final List<TraceEvent> events = new ArrayList<>();
  private final LaunchTable table = new LaunchTable();
  private boolean recording;
  private boolean written;
  private long number;
  private long started;
  private long marked;

  /**
   * @param request null to record nothing
   * @param taken steps that were taken before
   * @param total steps of the run
   */
  public StepProfile(
      ProfileRequest request, Communicator communicator, TrainingStep step, DataParallel parallel, long taken, long total) {
    this.request = request;
    this.communicator = communicator;
    this.step = step;
    this.parallel = parallel;
    long wanted = request == null ? 0 : Math.min(request.steps(), total - taken);
    long warmUp = total - taken > wanted ? 1 : 0; // it touches memory for the first time
    this.first = taken + warmUp + 1;
    this.last = first + wanted - 1;
  }

  /**
   * Bytes that the optimizer reads and writes in its one pass: weights, gradients and moments, all but gradients written back,
   * the moving average, and the copy in bfloat16.
   */
  public static long optimizerBytes(long weightBytes, boolean averaged, boolean narrowed) {
    return (averaged ? 9 : 7) * weightBytes + (narrowed ? weightBytes / 2 : 0);
  }

  /** The step of that number, counted from 1, begins. */
  public void begin(long stepNumber) {
    if (stepNumber < first || stepNumber > last) {
      return;
    }
    recording = true;
    number = stepNumber;
    step.profile(this);
    parallel.listen(this);
    started = System.nanoTime();
    marked = started;
  }

  /** What has been done since the last mark, or the begin, was {@code name}, which read and wrote so many bytes. */
  public void mark(String name, long bytes) {
    if (recording) {
      long now = System.nanoTime();
      launched(new LaunchInfo(name, "", 0, bytes), marked, now);
      marked = now;
    }
  }

  /** What has been done since the last mark has told of itself. */
  public void skip() {
    if (recording) {
      marked = System.nanoTime();
    }
  }

  /** The step that began has ended. */
  public void end() {
    if (recording) {
      LaunchInfo whole = new LaunchInfo("step " + number, "", 0, 0);
      events.add(
          TraceEvent.of(whole, TraceEvent.STEP, communicator.rank(), TraceEvent.COMPUTE, number, started, System.nanoTime()));
      recording = false;
      step.profile(null);
      parallel.listen(null);
    }
  }

  @Override
  public void launched(LaunchInfo info, long start, long end) {
    events.add(TraceEvent.of(info, info.kind(), communicator.rank(), TraceEvent.COMPUTE, number, start, end));
    table.launched(info, start, end);
  }

  @Override
  public void reduced(int bucket, long bytes, long start, long end) {
    LaunchInfo info = new LaunchInfo("all-reduce of bucket " + bucket, "", 0, bytes);
    events.add(
        TraceEvent.of(info, TraceEvent.COLLECTIVE, communicator.rank(), TraceEvent.BACKGROUND, number, start, end));
  }

  /** Whether there is something to {@link #write} now: all steps have been taken, or the run ends. */
  public boolean isDue(boolean runEnds) {
    boolean has = !written && !events.isEmpty();
    return has && (runEnds || number == last);
  }

  /**
   * Collective: writes the file.
   *
   * @return what to say of it, a line each, with the slowest kinds and layers of this rank
   */
  public List<String> write() {
    written = true;
    TraceFile file = new TraceFile(request.file());
    file.writePart(communicator.rank(), events);
    communicator.barrier();
    if (communicator.rank() == 0) {
      file.join(communicator.size());
      file.deleteParts(communicator.size());
    }
    long steps = events.stream().filter(event -> event.category().equals(TraceEvent.STEP)).count();
    events.clear();
    List<String> lines = new ArrayList<>();
    lines.add("profile of " + steps + " steps in " + request.file() + " (for ui.perfetto.dev or about:tracing); of rank 0:");
    lines.addAll(table.kinds(ROWS));
    lines.addAll(table.layers(ROWS));
    return lines;
  }
}
