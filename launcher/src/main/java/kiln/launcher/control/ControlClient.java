package kiln.launcher.control;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
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
  private boolean leaving;

  ControlClient(Rendezvous rendezvous, RankInfo self, int size, ControlOptions options, Listener listener) {
    this.secret = rendezvous.secret();
    this.where = rendezvous.where();
    this.self = self;
    this.size = size;
    this.options = options;
    this.listener = listener;
    this.clock = new HeartbeatClock(options);
  }

  /** All ranks, as soon as all have come; fails with what {@link ControlPlane#join} throws. */
  CompletableFuture<RankTable> joined() {
    return joined;
  }

  /** Begins to send heartbeats and to listen to rank 0's. */
  void beat(EventLoop loop) {
    long interval = options.heartbeatInterval().toNanos();
    loop.scheduleAtFixedRate(this::tick, interval, interval, TimeUnit.NANOSECONDS);
  }

  @Override
  void received(ByteBuf frame) {
    switch (state) {
      case CONNECTING -> {
        challenge = Handshake.readChallenge(frame);
        state = State.CHALLENGED;
        send(Handshake.proof(secret, challenge, self.rank(), size, nonce));
      }
      case CHALLENGED -> {
        Handshake.checkAnswer(frame, secret, challenge, self.rank(), size, nonce);
        state = State.JOINING;
        authenticated();
        send(new ControlMessage.Register(self));
      }
      case JOINING, JOINED -> received(MessageCodec.decode(frame, size));
    }
  }

  private void received(ControlMessage message) {
    switch (message) {
      case ControlMessage.Table m -> {
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
      case ControlMessage.Inquiry _ -> listener.asked(lanes -> send(new ControlMessage.Standing(lanes)));
      case ControlMessage.Goodbye _ -> goodbye();
      case ControlMessage.Register _, ControlMessage.Late _, ControlMessage.Standing _, ControlMessage.Pace _ ->
          throw new IllegalArgumentException("unexpected " + message.getClass().getSimpleName());
    }
  }

  private void tick() {
    boolean stalled = clock.tick();
    if (state == State.CONNECTING || state == State.CHALLENGED || leaving) {
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
    if (state == State.CONNECTING || state == State.CHALLENGED) {
      joined.completeExceptionally(
          new UserException("control plane at " + where + " does not take rank " + self.rank() + ": " + reason));
    } else if (!saidGoodbye() && !leaving) {
      lostRankZero(reason + " at " + Clock.of(Instant.now()));
    }
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
