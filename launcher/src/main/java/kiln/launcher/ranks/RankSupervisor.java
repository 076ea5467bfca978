package kiln.launcher.ranks;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Starts the ranks of one machine as processes and waits for them. If one fails, all end, and one line says which and how.
 *
 * <pre>
 *   supervisor ──stdin (leash)──▶ rank 0 ◀─┐
 *       │                                  ├─ shared memory
 *       └───────stdin (leash)──▶ rank 1 ◀─┘
 * </pre>
 */
public final class RankSupervisor {
  /** How long ranks may take to notice by themselves that another one is gone. */
  private static final Duration GRACE = Duration.ofSeconds(3);

  /** The same if they have noticed: one that is dead is reaped at once, and one that stands still never ends by itself. */
  private static final Duration LOST_GRACE = Duration.ofSeconds(2);

  private static final int KILLED = 128 + 9;

  private record End(RankProcess process, int status) {}

  private final Class<?> main;
  private final int size;
  private final int heapMegabytes;
  private final PrintStream err;
  private final List<RankProcess> processes = new CopyOnWriteArrayList<>();
  private final BlockingQueue<End> ends = new LinkedBlockingQueue<>();
  private volatile boolean stopped;
  private volatile boolean abandoned;

  /**
   * @param main the class whose {@code main} a rank runs; it gets the arguments of {@link #run}
   * @param heapMegabytes Java heap of a rank
   * @param err where the ranks' messages go
   */
  public RankSupervisor(Class<?> main, int size, int heapMegabytes, PrintStream err) {
    this.main = main;
    this.size = size;
    this.heapMegabytes = heapMegabytes;
    this.err = err;
  }

  /**
   * Runs all ranks to their end.
   *
   * @param folder of {@link RankFolder}; the ranks' segment lies there
   * @param afterwards what the user can do after a failure, to end the line that reports it
   * @return 0 if all ranks ended well, {@link ExitStatus#STOPPED} if they were stopped, else the status of the one that failed
   *     first
   */
  public int run(Path folder, List<String> arguments, String afterwards) {
    boolean terminal = System.console() != null && System.console().isTerminal();
    try (StopSignals _ = StopSignals.handle(this::stop, this::abandon)) {
      for (int rank = 0; rank < size; rank++) {
        start(RankEnvironment.supervised(rank, size, folder.resolve("ranks"), terminal), arguments);
      }
      return await(afterwards);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ExitStatus.INTERRUPTED;
    } finally {
      processes.forEach(RankProcess::kill);
    }
  }

  private void start(RankEnvironment environment, List<String> arguments) {
    ProcessBuilder builder = new ProcessBuilder(command(arguments));
    environment.write(builder.environment());
    int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / size);
    builder.environment().putIfAbsent("OMP_NUM_THREADS", Integer.toString(threads));
    if (environment.rank() == 0) {
      builder.redirectOutput(ProcessBuilder.Redirect.INHERIT); // the progress line
    }
    try {
      RankProcess process = RankProcess.start(builder, environment.rank(), err);
      processes.add(process);
      process.onExit(status -> ends.add(new End(process, status)));
      if (stopped) {
        process.askToStop();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start rank " + environment.rank(), e);
    }
  }

  private List<String> command(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> flag.startsWith("--") || flag.startsWith("-D"))
        .forEach(command::add);
    command.addAll(RankResources.jvmOptions(heapMegabytes));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    return command;
  }

  private int await(String afterwards) throws InterruptedException {
    Set<String> said = new LinkedHashSet<>();
    End failure = null;
    List<String> lost = List.of();
    boolean killing = false;
    boolean unfinished = false;
    long deadline = 0;
    for (int running = size; running > 0; ) {
      long wait = failure == null ? Long.MAX_VALUE : deadline - System.nanoTime();
      End end = ends.poll(wait, TimeUnit.NANOSECONDS);
      if (end == null) {
        processes.forEach(RankProcess::kill);
        killing = true;
        deadline = Long.MAX_VALUE;
        continue;
      }
      running--;
      if (end.status() == ExitStatus.STOPPED) {
        unfinished = true;
        continue;
      }
      if (end.status() == ExitStatus.OK || (killing && end.status() == KILLED)) {
        continue;
      }
      if (failure == null) {
        deadline = System.nanoTime() + (end.status() == ExitStatus.PEER_LOST ? LOST_GRACE : GRACE).toNanos();
      }
      if (end.status() == ExitStatus.PEER_LOST && lost.isEmpty()) {
        lost = end.process().messages(); // one of them says it for all
      }
      // Ranks that only lost a peer may be reaped before the one that they lost.
      if (failure == null || (failure.status() == ExitStatus.PEER_LOST && end.status() != ExitStatus.PEER_LOST)) {
        failure = end;
        report(end, said, afterwards);
      }
    }
    if (failure != null && failure.status() == ExitStatus.PEER_LOST && !abandoned) {
      lost.forEach(line -> err.println(line + "; " + afterwards));
    }
    if (abandoned) {
      return ExitStatus.INTERRUPTED;
    }
    return failure != null ? failure.status() : unfinished ? ExitStatus.STOPPED : ExitStatus.OK;
  }

  private void report(End end, Set<String> said, String afterwards) {
    if (abandoned || end.status() == ExitStatus.PEER_LOST) {
      return;
    }
    List<String> messages = end.process().messages();
    messages.stream().filter(said::add).forEach(err::println);
    if (end.status() != ExitStatus.USER_ERROR || messages.isEmpty()) {
      String how = ExitStatus.describe(end.status());
      err.println("kiln: rank " + end.process().rank() + " of " + size + " " + how + "; " + afterwards);
    }
  }

  private void stop() {
    stopped = true;
    processes.forEach(RankProcess::askToStop);
  }

  private void abandon() {
    abandoned = true;
    processes.forEach(RankProcess::kill);
  }
}
