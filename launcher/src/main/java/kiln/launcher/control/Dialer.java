package kiln.launcher.control;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.List;
import kiln.collectives.JoinTimeoutException;

/** Reaches rank 0, which may not listen yet; for as long as ranks wait for each other. */
final class Dialer {
  private static final long RETRY_MILLIS = 50;

  private final EventLoop loop;
  private final Rendezvous rendezvous;
  private final RankInfo self;
  private final int size;
  private final ControlOptions options;
  private final long deadline;

  Dialer(EventLoop loop, Rendezvous rendezvous, RankInfo self, int size, ControlOptions options) {
    this.loop = loop;
    this.rendezvous = rendezvous;
    this.self = self;
    this.size = size;
    this.options = options;
    this.deadline = System.nanoTime() + options.joinTimeout().toNanos();
  }

  /**
   * Connects {@code client}, which speaks when rank 0 has spoken.
   *
   * @throws JoinTimeoutException if rank 0 is not there in time
   */
  void dial(ControlClient client) {
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loop)
            .channel(NioSocketChannel.class)
            .option(ChannelOption.TCP_NODELAY, true)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    client.addTo(channel);
                  }
                });
    while (true) {
      ChannelFuture attempt = bootstrap.connect(rendezvous.address()).awaitUninterruptibly();
      if (attempt.isSuccess()) {
        return;
      }
      pause(new JoinTimeoutException(self.rank(), size, List.of(0), options.joinTimeout()));
    }
  }

  /**
   * Waits until it can be tried again.
   *
   * @param otherwise is thrown if there is no time left
   */
  void pause(RuntimeException otherwise) {
    if (System.nanoTime() - deadline > 0) {
      throw otherwise;
    }
    try {
      Thread.sleep(RETRY_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw otherwise;
    }
  }
}
