package kiln.launcher.ranks;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import kiln.bindings.JavaCommand;

/**
 * Starts the ranks of one machine as processes and waits for them. If one fails, all end.
 *
 * <pre>
 *   supervisor ──stdin (leash)──▶ rank 0 ◀─┐
 *       │                                  ├─ shared memory
 *       └───────stdin (leash)──▶ rank 1 ◀─┘
 * </pre>
 *
 * <p>While it is open, signals to this process ask for an orderly end, which ranks are told; a second one ends all at once.
 */
public final class RankSupervisor implements AutoCloseable {
  /** How long ranks may take to notice by themselves that another one is gone. */
  private static final Duration GRACE = Duration.ofSeconds(3);

  /** The same if they have noticed: one that is dead is reaped at once, and one that stands still never ends by itself. */
  private static final Duration LOST_GRACE = Duration.ofSeconds(2);

  /** What a rank needs, put into the folder where ranks find it and each other. */
  @FunctionalInterface
  public interface Errand {
    /** Writes it; returns the arguments of the ranks' {@code main}. */
    List<String> into(Path folder);
  }

  private final Class<?> main;
  private final int size;
  private final int heapMegabytes;
  private final PrintStream err;
  private final List<RankProcess> processes = new CopyOnWriteArrayList<>();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private StopSignals signals;
  private boolean running; // guarded by this
  private volatile boolean abandoned;

  private RankSupervisor(Class<?> main, int size, int heapMegabytes, PrintStream err) {
    this.main = main;
    this.size = size;
    this.heapMegabytes = heapMegabytes;
    this.err = err;
  }

  /**
   * @param main the class whose {@code main} a rank runs
   * @param heapMegabytes Java heap of a rank
   * @param err where the ranks' output goes
   */
  public static RankSupervisor open(Class<?> main, int size, int heapMegabytes, PrintStream err) {
    RankSupervisor supervisor = new RankSupervisor(main, size, heapMegabytes, err);
    supervisor.signals = StopSignals.handle(supervisor::stop, supervisor::abandon);
    return supervisor;
  }

  /** Runs all ranks to their end; none if it was asked to stop before. May be called again. */
  public RankEnd run(Errand errand) {
    running(true);
    Path folder = RankFolder.create();
    try {
      return isAskedToStop() ? RankVerdict.STOPPED_BEFORE : run(folder, errand.into(folder));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return RankEnd.of(ExitStatus.INTERRUPTED);
    } finally {
      processes.forEach(RankProcess::kill);
      processes.clear();
      RankFolder.delete(folder);
      running(false);
    }
  }

  /** Whether a signal has asked for the end. */
  public boolean isAskedToStop() {
    return stopped.getCount() == 0;
  }

  /** Waits, unless it is asked to stop. */
  public void pause(Duration time) {
    try {
      stopped.await(time.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private RankEnd run(Path folder, List<String> arguments) throws InterruptedException {
    boolean terminal = System.console() != null && System.console().isTerminal();
    BlockingQueue<RankVerdict.End> ends = new LinkedBlockingQueue<>();
    RankOutput output = new RankOutput(err);
    for (int rank = 0; rank < size; rank++) {
      start(RankEnvironment.supervised(rank, size, folder.resolve("ranks"), terminal), arguments, output, ends);
    }
    RankEnd end = await(ends);
    if (!end.lines().isEmpty()) {
      output.endProgress();
    }
    return end;
  }

  private void start(
      RankEnvironment environment, List<String> arguments, RankOutput output, BlockingQueue<RankVerdict.End> ends) {
    ProcessBuilder builder = new ProcessBuilder(command(arguments));
    environment.write(builder.environment());
    int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / size);
    builder.environment().putIfAbsent("OMP_NUM_THREADS", Integer.toString(threads));
    if (environment.rank() == 0) {
      builder.redirectOutput(ProcessBuilder.Redirect.INHERIT); // the progress line
    }
    try {
      int rank = environment.rank();
      RankProcess process = RankProcess.start(builder, rank, output);
      processes.add(process);
      process.onExit(status -> ends.add(new RankVerdict.End(rank, status, process.messages())));
      if (isAskedToStop()) {
        process.askToStop();
      }
      if (abandoned) {
        process.kill();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start rank " + environment.rank(), e);
    }
  }

  private List<String> command(List<String> arguments) {
    return JavaCommand.of(main, RankResources.jvmOptions(heapMegabytes), arguments);
  }

  private RankEnd await(BlockingQueue<RankVerdict.End> ends) throws InterruptedException {
    RankVerdict verdict = new RankVerdict(size);
    long deadline = 0;
    boolean hurried = false;
    for (int running = size; running > 0; ) {
      long wait = hurried ? deadline - System.nanoTime() : Long.MAX_VALUE;
      RankVerdict.End end = ends.poll(wait, TimeUnit.NANOSECONDS);
      if (end == null) {
        processes.forEach(RankProcess::kill);
        verdict.killingRest();
        deadline = Long.MAX_VALUE;
        continue;
      }
      running--;
      verdict.take(end);
      if (!hurried && verdict.endsAll()) {
        Duration grace = verdict.isAtOnce() ? Duration.ZERO : verdict.isOfLoss() ? LOST_GRACE : GRACE;
        deadline = System.nanoTime() + grace.toNanos();
        hurried = true;
      }
    }
    return abandoned ? RankEnd.of(ExitStatus.INTERRUPTED) : verdict.end();
  }

  private void stop() {
    stopped.countDown();
    processes.forEach(RankProcess::askToStop);
  }

  private synchronized void abandon() {
    if (!running) {
      Runtime.getRuntime().halt(ExitStatus.INTERRUPTED);
    }
    abandoned = true;
    processes.forEach(RankProcess::kill);
  }

  private synchronized void running(boolean now) {
    running = now;
  }

  @Override
  public void close() {
    signals.close();
  }
}
