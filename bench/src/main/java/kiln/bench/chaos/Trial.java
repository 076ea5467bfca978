package kiln.bench.chaos;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import kiln.launcher.checkpoint.DurableFiles;

/** One run that something happens to: it is begun, disturbed, gone on with and compared. Its folder stays if that failed. */
final class Trial implements AutoCloseable {
  private final Workbench bench;
  private final RunCase c;
  private final Path run;
  private long reached; // the highest step that any of its processes took
  private long lost;
  private boolean survived;

  Trial(Workbench bench, RunCase c) {
    this(bench, c, bench.newRun());
  }

  Trial(Workbench bench, RunCase c, Path run) {
    this.bench = bench;
    this.c = c;
    this.run = run;
  }

  Path run() {
    return run;
  }

  Path checkpoints() {
    return run.resolve("checkpoints");
  }

  /** Steps that had to be taken again, at most. */
  long lost() {
    return lost;
  }

  Job start(String... more) throws IOException {
    return bench.start(c, run, more);
  }

  /** Takes note of how far a process came, and where it began. */
  void note(Job job) {
    List<Job.Step> steps = job.steps();
    if (!steps.isEmpty()) {
      lost = Math.max(lost, reached - (steps.getFirst().number() - 1));
      reached = steps.stream().mapToLong(Job.Step::number).max().orElse(reached);
    }
  }

  /** The highest step that is known to have been taken. */
  long reached() {
    return reached;
  }

  /** Something was reached by processes that this has not seen. */
  void reached(long step) {
    reached = step;
  }

  /**
   * Waits for a process that must end by itself, with one line for the user that has all of {@code parts}.
   *
   * @return that line
   * @throws NotSurvivedException if it ends otherwise
   */
  String awaitFailure(Job job, String... parts) {
    int status = job.await(Job.LONG);
    note(job);
    List<String> complaints = job.complaints();
    require(status != 0, "it ended well, expected a failure", job);
    require(complaints.size() == 1, "expected one line for the user, found " + complaints.size(), job);
    for (String part : parts) {
      require(complaints.getFirst().contains(part), "expected '" + part + "' in the line for the user", job);
    }
    requireNoTrace(job);
    return complaints.getFirst();
  }

  /** A stack trace is none of the user's business. */
  static void requireNoTrace(Job job) {
    require(job.lines().stream().noneMatch(line -> line.contains("\tat ")), "it printed a stack trace", job);
  }

  static void require(boolean holds, String line, Job job) {
    if (!holds) {
      throw new NotSurvivedException(line + "; it printed: " + job.tail());
    }
  }

  /**
   * Goes on to the end, and compares.
   *
   * @return what it printed
   * @throws NotSurvivedException if it fails or one bit differs
   */
  List<String> finish(String... more) throws IOException {
    try (Job job = start(more)) {
      return finish(job);
    }
  }

  /** The same with a process that runs. */
  List<String> finish(Job job) throws IOException {
    int status = job.await(Job.LONG);
    note(job);
    require(status == 0, "it ended with status " + status, job);
    compare();
    return job.lines();
  }

  void compare() throws IOException {
    bench.compare(c, run);
    survived = true;
  }

  @Override
  public void close() throws IOException {
    if (survived) {
      DurableFiles.deleteTree(run);
    }
  }
}
