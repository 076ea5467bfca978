package kiln.launcher.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import kiln.bindings.UserException;
import org.junit.jupiter.api.Test;

/** What a rank makes of somebody who sits where rank 0 should. */
class RankZeroTest {
  private final List<String> news = new CopyOnWriteArrayList<>();
  private final JobSecret secret = JobSecret.create();

  private ServerSocket door() throws IOException {
    return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }

  private ControlPlane join(int port, Duration patience) {
    ControlOptions options = new ControlOptions(null, Duration.ofSeconds(20), Duration.ofMinutes(1), patience);
    return ControlPlane.join(new Rendezvous("127.0.0.1", port, secret), 1, 2, options, news::add, () -> {});
  }

  @Test
  void shouldNotWaitForEverForOneThatSaysNothing() throws IOException {
    try (ServerSocket door = door()) { // the system connects whoever knocks
      UserException e = assertThrows(UserException.class, () -> join(door.getLocalPort(), Duration.ofSeconds(1)));
      assertTrue(e.getMessage().endsWith("does not take rank 1: it says nothing for 1 s"), e.getMessage());
    }
  }

  @Test
  void shouldTryAgainWhenItHangsUp() throws Exception {
    ControlHost host = ControlPlane.host(LiveJob.ANY_PORT, secret, 2, LiveJob.patient(), news::add);
    try (ServerSocket door = door()) {
      CompletableFuture<ControlPlane> one =
          CompletableFuture.supplyAsync(() -> join(door.getLocalPort(), Duration.ofMinutes(1)), Thread::startVirtualThread);
      for (int i = 0; i < 3; i++) {
        door.accept().close(); // as when strangers throng its door
      }
      try (Socket rank = door.accept();
          Socket zero = new Socket(host.rendezvous().host(), host.rendezvous().port())) {
        Thread.ofVirtual().start(() -> carry(rank, zero));
        Thread.ofVirtual().start(() -> carry(zero, rank));
        try (ControlPlane plane = ControlPlane.join(host, news::add, () -> {});
            ControlPlane joined = one.join()) {
          assertEquals(plane.table(), joined.table());
        }
      }
    }
  }

  @Test
  void shouldSayWhatItSaysIfItHangsUpAlways() throws Exception {
    try (ServerSocket door = door()) {
      Thread.ofVirtual().start(() -> hangUp(door));
      UserException e = assertThrows(UserException.class, () -> join(door.getLocalPort(), Duration.ofMillis(300)));
      assertTrue(e.getMessage().contains("does not take rank 1: "), e.getMessage());
    }
  }

  @Test
  void shouldNotBeBelievedWithoutTheSecret() throws Exception {
    try (ServerSocket door = door()) {
      CompletableFuture<UserException> one =
          CompletableFuture.supplyAsync(
              () -> assertThrows(UserException.class, () -> join(door.getLocalPort(), Duration.ofMinutes(1))),
              Thread::startVirtualThread);
      try (Socket rank = door.accept()) {
        OutputStream out = rank.getOutputStream();
        out.write(Peer.framed(Peer.bytes(Handshake.challenge(new byte[Handshake.NONCE_BYTES]))));
        byte[] accepted = new byte[33]; // 0, and an HMAC of nothing
        out.write(Peer.framed(accepted));
        out.flush();
        assertTrue(one.join().getMessage().endsWith("it does not have the job's secret"), one.join().getMessage());
      }
    }
  }

  @Test
  void shouldCutOneThatReadsNothing() throws Exception {
    try (LiveJob job = new LiveJob(2, LiveJob.patient());
        ServerSocket door = door()) {
      Unread unread = new Unread();
      Bootstrap bootstrap =
          new Bootstrap()
              .group(job.host.group())
              .channel(NioSocketChannel.class)
              .handler(
                  new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                      unread.addTo(channel);
                    }
                  });
      bootstrap.connect(door.getLocalSocketAddress()).syncUninterruptibly();
      JobFailure failure = new JobFailure(JobFailure.Cause.ABORTED, 0, "x".repeat(4096));
      ControlMessage long4k = new ControlMessage.Failed(failure);
      long sent = 0;
      while (!unread.reason.isDone() && sent < 1L << 30) {
        unread.sendLater(long4k);
        sent += 4096;
        if (sent % (1 << 20) == 0) {
          Thread.sleep(1);
        }
      }
      assertEquals("it does not read what it is sent", unread.reason.join());
      job.assertAlive(1);
    }
  }

  private static final class Unread extends Connection {
    final CompletableFuture<String> reason = new CompletableFuture<>();

    @Override
    void received(ByteBuf frame) {
      throw new AssertionError("received");
    }

    @Override
    void cut(String why) {
      reason.complete(why);
    }
  }

  private static void hangUp(ServerSocket door) {
    try {
      while (true) {
        door.accept().close();
      }
    } catch (IOException e) {
      // The test is over.
    }
  }

  private static void carry(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // As above.
    }
  }
}
