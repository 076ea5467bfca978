package kiln.launcher.control;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import kiln.bindings.UserException;
import kiln.collectives.JoinTimeoutException;

/**
 * Where rank 0 listens, and what it must be shown. Every rank has to be told both by whoever started it: in a file, in the
 * environment, or by a broadcast over a transport that is there already.
 *
 * @param host name or address
 */
public record Rendezvous(String host, int port, JobSecret secret) {
  private static final String FILE = "control";
  private static final long LOOK_MILLIS = 2;

  /**
   * The inverse of {@link #text}.
   *
   * @throws UserException if it is not {@code HOST:PORT SECRET}
   */
  public static Rendezvous parse(String where, String text) {
    String[] words = text.strip().split(" ", 2);
    if (words.length != 2) {
      throw new UserException(where + ": expected HOST:PORT and a secret, found " + words.length + " words");
    }
    return at(where, words[0], JobSecret.parse(where, words[1]));
  }

  /**
   * @param address HOST:PORT
   */
  static Rendezvous at(String where, String address, JobSecret secret) {
    int colon = address.lastIndexOf(':');
    Optional<Integer> port = colon < 1 ? Optional.empty() : port(address.substring(colon + 1));
    if (port.isEmpty()) {
      throw new UserException(where + ": expected HOST:PORT, found " + address);
    }
    String host = address.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]"); // IPv6
    return new Rendezvous(bracketed ? host.substring(1, host.length() - 1) : host, port.get(), secret);
  }

  private static Optional<Integer> port(String text) {
    try {
      int port = Integer.parseInt(text);
      return port > 0 && port < 1 << 16 ? Optional.of(port) : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** For {@link #parse} on another rank; holds the secret. */
  public String text() {
    return where() + " " + secret.text();
  }

  /** HOST:PORT. */
  public String where() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  InetSocketAddress address() {
    return new InetSocketAddress(host, port);
  }

  /** Tells the ranks of this machine, which have the secret already and {@link #await} the address. */
  public void publish(Path folder) {
    try {
      Path aside = Files.writeString(folder.resolve(FILE + ".tmp"), where());
      Files.move(aside, folder.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Waits until rank 0 has {@link #publish}ed its address.
   *
   * @throws JoinTimeoutException if it does not in time
   */
  public static Rendezvous await(Path folder, JobSecret secret, int rank, int size, Duration timeout) {
    Path file = folder.resolve(FILE);
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!Files.exists(file)) {
      if (System.nanoTime() > deadline) {
        throw new JoinTimeoutException(rank, size, List.of(0), timeout);
      }
      try {
        Thread.sleep(LOOK_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new JoinTimeoutException(rank, size, List.of(0), timeout);
      }
    }
    try {
      return at(file.toString(), Files.readString(file), secret);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return where();
  }
}
