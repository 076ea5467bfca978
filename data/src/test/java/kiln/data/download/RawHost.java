package kiln.data.download;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A server that sends what it is told, however wrong that is, and then closes the connection or leaves it hanging. */
final class RawHost implements AutoCloseable {
  @FunctionalInterface
  interface Answer {
    void send(OutputStream out) throws IOException, InterruptedException;
  }

  private final ServerSocket socket;

  RawHost(Answer answer) {
    try {
      socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofPlatform().daemon().start(() -> accept(answer));
  }

  /** Sends a text as it is. */
  static RawHost of(String answer) {
    return new RawHost(out -> out.write(answer.getBytes(StandardCharsets.ISO_8859_1)));
  }

  private void accept(Answer answer) {
    while (!socket.isClosed()) {
      try {
        Socket connection = socket.accept();
        Thread.ofPlatform().daemon().start(() -> serve(connection, answer));
      } catch (IOException e) {
        return;
      }
    }
  }

  private static void serve(Socket connection, Answer answer) {
    try (connection) {
      readHeaders(connection);
      answer.send(connection.getOutputStream());
      connection.getOutputStream().flush();
      connection.shutdownOutput();
      connection.getInputStream().read(); // until the client closes: an early close would be a reset
    } catch (IOException e) {
      // The client has enough.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void readHeaders(Socket connection) throws IOException {
    int ends = 0;
    while (ends < 2) {
      int c = connection.getInputStream().read();
      if (c < 0) {
        return;
      }
      ends = c == '\n' ? ends + 1 : c == '\r' ? ends : 0;
    }
  }

  String url() {
    return "http://127.0.0.1:" + socket.getLocalPort() + "/";
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
