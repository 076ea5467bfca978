package kiln.data.input;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Passes bytes to a server and back, and cuts each connection after a number of bytes of answers. */
final class CuttingProxy implements AutoCloseable {
  private final ServerSocket socket;
  private final int target;
  private final int most;
  private final List<Socket> open = new CopyOnWriteArrayList<>();
  private final AtomicInteger connections = new AtomicInteger();

  CuttingProxy(int target, int most) throws IOException {
    this.target = target;
    this.most = most;
    socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofPlatform().daemon().start(this::accept);
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + socket.getLocalPort());
  }

  int connections() {
    return connections.get();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = socket.accept();
        connections.incrementAndGet();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        open.add(client);
        open.add(server);
        Thread.ofPlatform().daemon().start(() -> pass(client, server, Integer.MAX_VALUE));
        Thread.ofPlatform().daemon().start(() -> pass(server, client, most));
      }
    } catch (IOException _) {
      // The test has ended.
    }
  }

  private static void pass(Socket from, Socket to, int most) {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] buffer = new byte[4096];
      for (int left = most; left > 0; ) {
        int got = in.read(buffer, 0, Math.min(left, buffer.length));
        if (got < 0) {
          return;
        }
        out.write(buffer, 0, got);
        left -= got;
      }
    } catch (IOException _) {
      // The other side has ended.
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
      for (Socket each : open) {
        each.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
