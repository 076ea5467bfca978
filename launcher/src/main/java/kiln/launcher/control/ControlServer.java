package kiln.launcher.control;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import kiln.bindings.UserException;

/**
 * Rank 0's part of the control plane: knows all ranks, hears whether they are there, and says why the job cannot go on. All
 * of it happens on one thread, which never computes and never waits.
 */
final class ControlServer {
  private static final Duration INQUIRY = Duration.ofSeconds(3);

  /** After an inquiry that found nothing: each lets all ranks write some lines, and one that is mad could ask for ever. */
  private static final Duration INQUIRY_PAUSE = Duration.ofSeconds(30);

  private final JobSecret secret;
  private final int size;
  private final ControlOptions options;
  private final Consumer<String> news;
  private final EventLoop loop;
  private final Channel listener;
  private final Strangers strangers;
  private final MemberConnection[] members;
  private final RankInfo[] ranks;
  private final PaceBoard paces;
  private final HeartbeatClock clock;
  private final long joinDeadline;
  private RankTable table;
  private Standings inquiry; // while one is under way
  private long nextInquiry = System.nanoTime();
  private JobFailure failure;
  private boolean closing;

  /**
   * Listens from now on.
   *
   * @param news gets lines for the user
   * @throws UserException if it cannot listen there
   */
  ControlServer(
      EventLoopGroup group,
      InetSocketAddress address,
      JobSecret secret,
      int size,
      ControlOptions options,
      PaceBoard paces,
      Consumer<String> news) {
    this.secret = secret;
    this.size = size;
    this.options = options;
    this.paces = paces;
    this.news = news;
    this.loop = group.next();
    this.strangers = new Strangers(size, options.joinTimeout(), news);
    this.members = new MemberConnection[size];
    this.ranks = new RankInfo[size];
    this.clock = new HeartbeatClock(options);
    this.joinDeadline = System.nanoTime() + options.joinTimeout().toNanos();
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loop)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    accept(channel);
                  }
                });
    this.listener = bootstrap.bind(address).awaitUninterruptibly().channel();
    if (!listener.isActive()) {
      throw new UserException("option --control-address: cannot listen at " + address);
    }
    long interval = options.heartbeatInterval().toNanos();
    loop.scheduleAtFixedRate(this::tick, interval, interval, TimeUnit.NANOSECONDS);
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listener.localAddress();
  }

  JobSecret secret() {
    return secret;
  }

  int size() {
    return size;
  }

  boolean hasTable() {
    return table != null;
  }

  boolean hasMember(int rank) {
    return members[rank] != null;
  }

  private void accept(Channel channel) {
    MemberConnection connection = new MemberConnection(this);
    connection.addTo(channel);
    strangers.admit(connection);
  }

  void proven(MemberConnection member) {
    strangers.left(member);
    members[member.rank()] = member;
  }

  Strangers strangers() {
    return strangers;
  }

  /**
   * @throws IllegalArgumentException if a rank does not send that, or not now
   */
  void received(MemberConnection member, ControlMessage message) {
    if (member.saidGoodbye()) {
      throw unexpected(message, "after its goodbye");
    }
    switch (message) {
      case ControlMessage.Register m -> register(member, m.rank());
      case ControlMessage.Heartbeat _ -> {}
      case ControlMessage.Failed m -> {
        String line = title(member.rank()) + " failed: " + m.failure().line();
        fail(new JobFailure(JobFailure.Cause.ABORTED, member.rank(), line));
      }
      case ControlMessage.Late _, ControlMessage.Standing _, ControlMessage.Pace _ when table == null ->
          throw unexpected(message, "before all ranks have joined");
      case ControlMessage.Late _ -> inquire();
      case ControlMessage.Standing m -> standing(member.rank(), m);
      case ControlMessage.Pace m -> paces.add(member.rank(), m);
      case ControlMessage.Goodbye _ -> member.goodbye();
      case ControlMessage.Table _, ControlMessage.Missing _, ControlMessage.Inquiry _ ->
          throw unexpected(message, "from a rank");
    }
  }

  private static IllegalArgumentException unexpected(ControlMessage message, String when) {
    return new IllegalArgumentException("unexpected " + message.getClass().getSimpleName() + " " + when);
  }

  private void register(MemberConnection member, RankInfo rank) {
    if (rank.rank() != member.rank() || ranks[rank.rank()] != null) {
      String again = rank.rank() == member.rank() ? " again" : "";
      throw new IllegalArgumentException("it registers as rank " + rank.rank() + again);
    }
    ranks[rank.rank()] = rank;
    if (failure != null) { // told to all who were there; this one would wait for ever
      member.send(new ControlMessage.Failed(failure));
    } else if (Arrays.stream(ranks).allMatch(r -> r != null)) {
      table = new RankTable(List.of(ranks));
      broadcast(new ControlMessage.Table(table));
    }
  }

  /** A member's connection is no more. */
  void cut(MemberConnection member, String reason) {
    if (members[member.rank()] != member) {
      return;
    }
    members[member.rank()] = null;
    if (!member.saidGoodbye()) {
      lost(member.rank(), reason + " at " + Clock.of(Instant.now()));
    }
  }

  private void tick() {
    strangers.sweep();
    boolean stalled = clock.tick();
    if (table == null && failure == null && System.nanoTime() - joinDeadline > 0) {
      List<Integer> missing = IntStream.range(0, size).filter(rank -> ranks[rank] == null).boxed().toList();
      failure = new JobFailure(JobFailure.Cause.LOST, missing.getFirst(), "ranks " + missing + " did not join");
      broadcast(new ControlMessage.Missing(missing));
    }
    for (MemberConnection member : members) {
      if (member == null) {
        continue;
      }
      if (stalled) {
        member.refresh();
      } else if (clock.isSilent(member) && !member.saidGoodbye()) {
        lost(member.rank(), clock.silence(member));
      }
      member.send(new ControlMessage.Heartbeat());
    }
  }

  private void lost(int rank, String how) {
    fail(new JobFailure(JobFailure.Cause.LOST, rank, "lost " + title(rank) + ": " + how));
  }

  private void fail(JobFailure first) {
    if (failure != null || closing) {
      return;
    }
    failure = first;
    if (first.cause() != JobFailure.Cause.ABORTED) { // what a rank tells by itself is not told twice
      news.accept("kiln: " + first.line());
    }
    broadcast(new ControlMessage.Failed(first));
  }

  private void inquire() {
    if (inquiry == null && failure == null && System.nanoTime() - nextInquiry >= 0) {
      inquiry = new Standings(size);
      broadcast(new ControlMessage.Inquiry());
      loop.schedule(this::conclude, INQUIRY.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void standing(int rank, ControlMessage.Standing standing) {
    if (inquiry != null && inquiry.add(rank, standing.lanes())) {
      conclude();
    }
  }

  private void conclude() {
    if (inquiry != null) {
      inquiry.verdict(options.collectiveTimeout()).ifPresent(this::fail);
      inquiry = null;
      nextInquiry = System.nanoTime() + Math.min(INQUIRY_PAUSE.toNanos(), options.collectiveTimeout().toNanos());
    }
  }

  private void broadcast(ControlMessage message) {
    for (MemberConnection member : members) {
      if (member != null) {
        member.send(message);
      }
    }
  }

  private String title(int rank) {
    return ranks[rank] == null ? "rank " + rank : ranks[rank].title();
  }

  /** Tells the others that rank 0 ends in good order, and stops listening. */
  void close() {
    loop.submit(
            () -> {
              closing = true; // connections that end from now on are cut by this side
              broadcast(new ControlMessage.Goodbye());
              strangers.close();
              listener.close();
            })
        .awaitUninterruptibly();
  }
}
