package kiln.launcher.control;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import kiln.bindings.UserException;
import kiln.collectives.JoinTimeoutException;
import kiln.collectives.record.LaneState;

/** A rank's end of its connection to rank 0, which has one too, to itself. */
final class ControlClient extends Connection {
  private enum State {
    CONNECTING,
    CHALLENGED,
    JOINING,
    JOINED
  }

  /** What a rank does when it is told something. Called on the control plane's thread: must return at once. */
  interface Listener {
    /**
     * The job cannot go on.
     *
     * @param here whether this rank found that out, and nobody else will tell
     */
    void failed(JobFailure failure, boolean here);

    /** Rank 0 asks where this rank stands: {@code answer} is to be given that, on any thread, after it was written down. */
    void asked(Consumer<List<LaneState>> answer);
  }

  private final JobSecret secret;
  private final RankInfo self;
  private final int size;
  private final ControlOptions options;
  private final String where;
  private final Listener listener;
  private final HeartbeatClock clock;
  private final CompletableFuture<RankTable> joined = new CompletableFuture<>();
  private final byte[] nonce = JobSecret.random(Handshake.NONCE_BYTES);
  private State state = State.CONNECTING;
  private byte[] challenge;
  private boolean wasRefused;
  private boolean leaving;
  private ScheduledFuture<?> beat;

  ControlClient(Rendezvous rendezvous, RankInfo self, int size, ControlOptions options, Listener listener) {
    this.secret = rendezvous.secret();
    this.where = rendezvous.where();
    this.self = self;
    this.size = size;
    this.options = options;
    this.listener = listener;
    this.clock = new HeartbeatClock(options);
  }

  /**
   * All ranks, as soon as all have come; fails with what {@link ControlPlane#join} throws, or with {@link HungUpException} if it
   * may be tried again.
   */
  CompletableFuture<RankTable> joined() {
    return joined;
  }

  /** Begins to send heartbeats and to listen to rank 0's. */
  void beat(EventLoop loop) {
    long interval = options.heartbeatInterval().toNanos();
    loop.execute(() -> beat = loop.scheduleAtFixedRate(this::tick, interval, interval, TimeUnit.NANOSECONDS));
  }

  @Override
  void received(ByteBuf frame) {
    wasRefused = !isIn(); // if what comes is not what rank 0 says to one that it takes, it is not tried again
    switch (state) {
      case CONNECTING -> {
        challenge = Handshake.readChallenge(frame);
        state = State.CHALLENGED;
        wasRefused = false;
        send(Handshake.proof(secret, challenge, self.rank(), size, nonce));
      }
      case CHALLENGED -> {
        Handshake.checkAnswer(frame, secret, challenge, self.rank(), size, nonce);
        state = State.JOINING;
        authenticated(MessageCodec.MAX_FRAME_BYTES);
        send(new ControlMessage.Register(self));
      }
      case JOINING, JOINED -> received(MessageCodec.decode(frame, size));
    }
  }

  private void received(ControlMessage message) {
    switch (message) {
      case ControlMessage.Table _, ControlMessage.Missing _ when state == State.JOINED -> throw unexpected(message);
      case ControlMessage.Table m -> {
        RankInfo me = m.table().get(self.rank());
        if (me.process() != self.process()) {
          throw new IllegalArgumentException("it takes rank " + self.rank() + " for process " + me.process());
        }
        state = State.JOINED;
        joined.complete(m.table());
      }
      case ControlMessage.Missing m -> {
        JoinTimeoutException late = new JoinTimeoutException(self.rank(), size, m.ranks(), options.joinTimeout());
        JobFailure failure = new JobFailure(JobFailure.Cause.LATE, m.ranks().getFirst(), late.getMessage());
        joined.completeExceptionally(self.rank() == 0 ? late : new JobFailedException(failure)); // one says it
      }
      case ControlMessage.Heartbeat _ -> {}
      case ControlMessage.Failed m -> fail(m.failure(), false);
      case ControlMessage.Inquiry _ -> listener.asked(lanes -> sendLater(new ControlMessage.Standing(lanes)));
      case ControlMessage.Goodbye _ -> goodbye();
      case ControlMessage.Register _, ControlMessage.Late _, ControlMessage.Standing _, ControlMessage.Pace _ ->
          throw unexpected(message);
    }
  }

  private static IllegalArgumentException unexpected(ControlMessage message) {
    return new IllegalArgumentException("unexpected " + message.getClass().getSimpleName() + " from rank 0");
  }

  private void tick() {
    boolean stalled = clock.tick();
    if (leaving) {
      return;
    }
    if (!isIn() && isOver()) {
      beat.cancel(false); // another one tries again
      return;
    }
    if (!isIn()) {
      Duration silent = Duration.ofNanos(System.nanoTime() - heard());
      if (silent.compareTo(options.joinTimeout()) > 0) {
        joined.completeExceptionally(notTaken("it says nothing for " + silent.toSeconds() + " s"));
        close();
      }
      return;
    }
    send(new ControlMessage.Heartbeat());
    if (stalled) {
      refresh();
    } else if (clock.isSilent(this) && !saidGoodbye()) {
      lostRankZero(clock.silence(this));
    }
  }

  @Override
  void cut(String reason) {
    if (!isIn()) {
      UserException refusal = notTaken(reason);
      joined.completeExceptionally(wasRefused ? refusal : new HungUpException(refusal));
    } else if (!saidGoodbye() && !leaving) {
      lostRankZero(reason + " at " + Clock.of(Instant.now()));
    }
  }

  /** Whether both sides have shown each other that they have the secret. */
  private boolean isIn() {
    return state == State.JOINING || state == State.JOINED;
  }

  private UserException notTaken(String reason) {
    return new UserException("control plane at " + where + " does not take rank " + self.rank() + ": " + reason);
  }

  private void lostRankZero(String how) {
    String title = joined.state() == Future.State.SUCCESS ? joined.join().get(0).title() : "rank 0 at " + where;
    fail(new JobFailure(JobFailure.Cause.LOST, 0, "lost " + title + ": " + how), true);
  }

  private void fail(JobFailure failure, boolean here) {
    joined.completeExceptionally(new JobFailedException(failure));
    listener.failed(failure, here);
  }

  /** Says goodbye, or why not, and hangs up. */
  void leave(ControlMessage last) {
    if (!leaving) {
      leaving = true;
      sendAndClose(MessageCodec.encode(last));
    }
  }
}
