package kiln.launcher.control;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import kiln.bindings.UserException;
import kiln.collectives.Communicator;
import kiln.collectives.JoinTimeoutException;
import kiln.collectives.record.FlightRecorder;
import kiln.collectives.record.RecordingCommunicator;

/**
 * A rank's membership in the job: from {@link #join} on, all ranks know each other, every one sends a heartbeat each second
 * from a thread of its own, and when one is lost, or a collective waits in vain, all are told the same line and end.
 *
 * <pre>
 *   rank 0:        host(…) ─▶ tell the others rendezvous() ─▶ join(host) ─▶ watch(communicator) ─▶ train ─▶ close
 *   other ranks:                     join(rendezvous, rank, size, …)      ─▶ watch(communicator) ─▶ train ─▶ close
 * </pre>
 */
public final class ControlPlane implements AutoCloseable {
  private static final Duration GOODBYE = Duration.ofSeconds(1);

  private final ControlHost host; // null except on rank 0
  private final EventLoopGroup group;
  private final EventLoop loop;
  private final ControlClient client;
  private final RankTable table;
  private final FailureResponse response;
  private final ControlOptions options;
  private final Consumer<String> news;
  private FlightRecorder recorder; // null until there is a communicator

  private ControlPlane(
      ControlHost host,
      EventLoopGroup group,
      EventLoop loop,
      ControlClient client,
      RankTable table,
      FailureResponse response,
      ControlOptions options,
      Consumer<String> news) {
    this.host = host;
    this.group = group;
    this.loop = loop;
    this.client = client;
    this.table = table;
    this.response = response;
    this.options = options;
    this.news = news;
  }

  /**
   * Rank 0 listens from now on.
   *
   * @param address where; port 0 for any
   * @param news gets lines about the job for the user, those that end it with {@code kiln: } before them
   * @throws UserException if it cannot listen there
   */
  public static ControlHost host(
      InetSocketAddress address, JobSecret secret, int size, ControlOptions options, Consumer<String> news) {
    return new ControlHost(address, secret, size, options, news);
  }

  /**
   * Rank 0 joins, and waits for all others. The host is closed with the result.
   *
   * @param end what ends this process if it is still there some seconds after the job has failed
   * @throws JoinTimeoutException if some do not come, naming them
   * @throws JobFailedException if one is lost meanwhile
   */
  public static ControlPlane join(ControlHost host, Consumer<String> news, Runnable end) {
    return join(host, host.group(), host.inside(), RankInfo.here(0), host.size(), host.options(), news, end);
  }

  /**
   * Another rank joins, and waits for all.
   *
   * @param news gets the line that ends the job if nobody else can say it
   * @throws UserException if rank 0 does not take this rank: its secret is another one
   * @throws JoinTimeoutException if rank 0 does not come
   * @throws JobFailedException if others do not come, or if one is lost meanwhile
   */
  public static ControlPlane join(
      Rendezvous rendezvous, int rank, int size, ControlOptions options, Consumer<String> news, Runnable end) {
    return join(null, ControlHost.eventLoops(), rendezvous, RankInfo.here(rank), size, options, news, end);
  }

  /** A rank that is the only one: nobody to be told of, and nothing to wait for. */
  public static ControlPlane alone() {
    RankTable table = new RankTable(List.of(RankInfo.here(0)));
    return new ControlPlane(null, null, null, null, table, null, ControlOptions.DEFAULT, _ -> {});
  }

  private static ControlPlane join(
      ControlHost host,
      EventLoopGroup group,
      Rendezvous rendezvous,
      RankInfo self,
      int size,
      ControlOptions options,
      Consumer<String> news,
      Runnable end) {
    EventLoop loop = group.next();
    FailureResponse response = new FailureResponse(news, end);
    Dialer dialer = new Dialer(loop, rendezvous, self, size, options);
    boolean joined = false;
    try {
      while (true) {
        ControlClient client = new ControlClient(rendezvous, self, size, options, response);
        dialer.dial(client);
        client.beat(loop);
        try {
          RankTable table = await(client.joined());
          joined = true;
          return new ControlPlane(host, group, loop, client, table, response, options, news);
        } catch (HungUpException e) {
          dialer.pause(e.refusal());
        }
      }
    } finally {
      if (!joined) {
        if (host != null) {
          host.close();
        }
        group.shutdownGracefully();
      }
    }
  }

  private static RankTable await(CompletableFuture<RankTable> joined) {
    try {
      return joined.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** All ranks of the job. */
  public RankTable table() {
    return table;
  }

  /**
   * The communicator of all ranks, recorded: when the job fails it is aborted, and when one of its collectives, or of those
   * split from it, is late, all ranks write down what they were doing, rank 0 says who is missing, and the job fails. To be
   * called once.
   *
   * @param communicator is closed with the result, which must happen before this is closed
   * @param folder where each rank's {@link FlightRecorder} writes, {@link RecorderFiles#ring}
   */
  public Communicator watch(Communicator communicator, Path folder) {
    if (isAlone()) {
      return communicator;
    }
    int rank = communicator.rank();
    RecorderFiles.prepare(folder, rank, communicator.size());
    recorder = FlightRecorder.create(RecorderFiles.ring(folder, rank), rank, communicator.size(), FlightRecorder.CAPACITY);
    Communicator recorded = RecordingCommunicator.of(communicator, recorder, RecorderFiles.WORLD);
    response.watch(recorded, new Watchdog(loop, client, recorder, folder, rank, options.collectiveTimeout(), news));
    return recorded;
  }

  /** How long this rank's threads have waited for collectives so far, in nanoseconds. */
  public long waitedNanos() {
    return recorder == null ? 0 : recorder.waitedNanos();
  }

  /**
   * Tells rank 0 how this rank's time went since it told last.
   *
   * @param step the same on all ranks
   */
  public void tellPace(long step, long computeNanos, long waitingNanos) {
    if (!isAlone()) {
      loop.execute(() -> client.send(new ControlMessage.Pace(step, computeNanos, waitingNanos)));
    }
  }

  /** On rank 0: who was the slowest in the newest interval that all ranks have told of; every interval once. */
  public Optional<SlowestRank> takeSlowest() {
    return host == null ? Optional.empty() : host.paces().takeNewest();
  }

  /** Why the job cannot go on, if that is known within {@code patience}; whoever is to say it has said it then. */
  public Optional<JobFailure> failure(Duration patience) {
    if (isAlone()) {
      return Optional.empty();
    }
    try {
      return Optional.of(response.failure().get(patience.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException | ExecutionException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** This rank cannot go on: all others are told. */
  public void abort(String reason) {
    if (isAlone()) {
      return;
    }
    loop.submit(() -> client.send(new ControlMessage.Failed(new JobFailure(JobFailure.Cause.ABORTED, 0, reason))))
        .awaitUninterruptibly(GOODBYE.toMillis());
  }

  /** Leaves in good order. */
  @Override
  public void close() {
    if (isAlone()) {
      return;
    }
    loop.submit(() -> client.leave(new ControlMessage.Goodbye())).awaitUninterruptibly(GOODBYE.toMillis());
    if (host != null) {
      host.close();
    }
    group.shutdownGracefully(0, GOODBYE.toMillis(), TimeUnit.MILLISECONDS);
    if (recorder != null) {
      recorder.close();
    }
  }

  private boolean isAlone() {
    return client == null;
  }
}
