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

/** Reaches rank 0, which may not listen yet. */
final class Dialer {
  private static final long RETRY_MILLIS = 50;

  private Dialer() {}

  /**
   * Connects {@code client}, which speaks first when rank 0 has spoken.
   *
   * @throws JoinTimeoutException if rank 0 is not there in time
   */
  static void dial(
      EventLoop loop, Rendezvous rendezvous, ControlClient client, RankInfo self, int size, ControlOptions options) {
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
    long deadline = System.nanoTime() + options.joinTimeout().toNanos();
    while (true) {
      ChannelFuture attempt = bootstrap.connect(rendezvous.address()).awaitUninterruptibly();
      if (attempt.isSuccess()) {
        return;
      }
      if (System.nanoTime() - deadline > 0) {
        throw new JoinTimeoutException(self.rank(), size, List.of(0), options.joinTimeout());
      }
      try {
        Thread.sleep(RETRY_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new JoinTimeoutException(self.rank(), size, List.of(0), options.joinTimeout());
      }
    }
  }
}
