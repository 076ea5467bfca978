package kiln.launcher.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** A connection that stays open and no longer carries anything, as when a host is unplugged. */
class CutConnectionTest {
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final ControlOptions OPTIONS = new ControlOptions(null, Duration.ofSeconds(2), LONG, LONG);

  /** A cable that can be cut: both ends stay connected, to this. */
  private static final class Cable implements AutoCloseable {
    private final ServerSocket door = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final Rendezvous far;
    private final List<Socket> ends = new CopyOnWriteArrayList<>();
    private volatile boolean cut;

    Cable(Rendezvous far) throws IOException {
      this.far = far;
      Thread.ofVirtual().start(this::connect);
    }

    Rendezvous near() {
      return new Rendezvous("127.0.0.1", door.getLocalPort(), far.secret());
    }

    void cut() {
      cut = true;
    }

    private void connect() {
      try {
        Socket rank = door.accept();
        Socket host = new Socket(far.host(), far.port());
        ends.addAll(List.of(rank, host));
        Thread.ofVirtual().start(() -> carry(rank, host));
        carry(host, rank);
      } catch (IOException e) {
        // The test is over.
      }
    }

    private void carry(Socket from, Socket to) {
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        byte[] bytes = new byte[4096];
        for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
          if (!cut) {
            out.write(bytes, 0, read);
          }
        }
      } catch (IOException e) {
        // As above.
      }
    }

    @Override
    public void close() throws IOException {
      door.close();
      for (Socket end : ends) {
        end.close();
      }
    }
  }

  @Test
  void shouldBeNoticedOnBothSides() throws IOException {
    List<String> zeroSays = new CopyOnWriteArrayList<>();
    List<String> oneSays = new CopyOnWriteArrayList<>();
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    ControlHost host = ControlPlane.host(anyPort, JobSecret.create(), 2, OPTIONS, zeroSays::add);
    try (Cable cable = new Cable(host.rendezvous())) {
      CompletableFuture<ControlPlane> joining =
          CompletableFuture.supplyAsync(() -> ControlPlane.join(cable.near(), 1, 2, OPTIONS, oneSays::add, () -> {}));
      try (ControlPlane zero = ControlPlane.join(host, zeroSays::add, () -> {});
          ControlPlane one = joining.join()) {
        cable.cut();
        JobFailure atZero = zero.failure(LONG).orElseThrow();
        JobFailure atOne = one.failure(LONG).orElseThrow();
        assertEquals(List.of(1, 0), List.of(atZero.rank(), atOne.rank()));
        assertEquals(List.of("kiln: " + atZero.line()), zeroSays);
        assertEquals(List.of("kiln: " + atOne.line()), oneSays); // it cannot know that rank 0 is well
        for (JobFailure failure : List.of(atZero, atOne)) {
          assertEquals(JobFailure.Cause.LOST, failure.cause());
          String line = failure.line();
          assertTrue(line.startsWith("lost " + zero.table().get(failure.rank()).title() + ": no heartbeat for 2."), line);
        }
      }
    }
  }
}
