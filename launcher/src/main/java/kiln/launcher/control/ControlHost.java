package kiln.launcher.control;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;

/** Rank 0's open door: where the other ranks can be told to come. {@link ControlPlane#join(ControlHost)} goes in. */
public final class ControlHost implements AutoCloseable {
  private final EventLoopGroup group;
  private final ControlServer server;
  private final PaceBoard paces;
  private final ControlOptions options;

  ControlHost(InetSocketAddress address, JobSecret secret, int size, ControlOptions options, Consumer<String> news) {
    this.options = options;
    this.paces = new PaceBoard(size);
    this.group = eventLoops();
    boolean listening = false;
    try {
      this.server = new ControlServer(group, address, secret, size, options, paces, news);
      listening = true;
    } finally {
      if (!listening) {
        group.shutdownGracefully();
      }
    }
  }

  /** One thread, a daemon. */
  static EventLoopGroup eventLoops() {
    ThreadFactory threads = Thread.ofPlatform().daemon().name("control").factory();
    return new MultiThreadIoEventLoopGroup(1, threads, NioIoHandler.newFactory());
  }

  /** What the other ranks have to be told. */
  public Rendezvous rendezvous() {
    InetSocketAddress address = server.address();
    boolean any = address.getAddress().isAnyLocalAddress();
    String host = any ? HostName.current() : address.getAddress().getHostAddress();
    return new Rendezvous(host, address.getPort(), server.secret());
  }

  /** The same for rank 0 itself. */
  Rendezvous inside() {
    InetSocketAddress address = server.address();
    InetAddress bound = address.getAddress();
    InetAddress reached = bound.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : bound;
    return new Rendezvous(reached.getHostAddress(), address.getPort(), server.secret());
  }

  int size() {
    return server.size();
  }

  ControlOptions options() {
    return options;
  }

  /** How many connections were refused so far. */
  long refusals() {
    return server.strangers().refusals();
  }

  PaceBoard paces() {
    return paces;
  }

  EventLoopGroup group() {
    return group;
  }

  /** Ranks that are still there are told that rank 0 ends in good order. */
  @Override
  public void close() {
    server.close();
  }
}
