package kiln.launcher.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBufUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import kiln.bindings.UserException;
import kiln.collectives.JoinTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ranks that find each other, as threads of one process. */
class RendezvousTest {
  private static final Runnable NEVER = () -> {
    throw new AssertionError("the process is ended");
  };
  private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private final List<String> news = new CopyOnWriteArrayList<>();
  private final JobSecret secret = JobSecret.create();

  @TempDir Path temporary;

  private ControlHost host(int size, ControlOptions options) {
    return ControlPlane.host(ANY_PORT, secret, size, options, news::add);
  }

  private CompletableFuture<ControlPlane> join(Rendezvous rendezvous, int rank, int size, ControlOptions options) {
    return async(() -> ControlPlane.join(rendezvous, rank, size, options, news::add, () -> {}));
  }

  private static CompletableFuture<ControlPlane> async(Supplier<ControlPlane> join) {
    return CompletableFuture.supplyAsync(join, Thread::startVirtualThread);
  }

  private static ControlOptions joinWithin(Duration timeout) {
    return new ControlOptions(null, Duration.ofSeconds(5), Duration.ofSeconds(300), timeout);
  }

  @Test
  void shouldTellAllRanksOfAll() {
    ControlOptions options = joinWithin(Duration.ofSeconds(60));
    ControlHost host = host(3, options);
    Rendezvous told = Rendezvous.parse("test", host.rendezvous().text()); // as over a wire
    List<CompletableFuture<ControlPlane>> joining = new ArrayList<>();
    joining.add(async(() -> ControlPlane.join(host, news::add, NEVER)));
    IntStream.range(1, 3).mapToObj(rank -> join(told, rank, 3, options)).forEach(joining::add);
    List<ControlPlane> planes = joining.stream().map(CompletableFuture::join).toList();
    try {
      for (ControlPlane plane : planes) {
        assertEquals(planes.getFirst().table(), plane.table());
        assertEquals(3, plane.table().size());
        assertEquals(ProcessHandle.current().pid(), plane.table().get(2).process());
        assertEquals(List.of(List.of(0, 1, 2)), plane.table().nodes());
      }
    } finally {
      planes.reversed().forEach(ControlPlane::close);
    }
    assertEquals(List.of(), news);
    assertTrue(planes.stream().allMatch(plane -> plane.failure(Duration.ZERO).isEmpty()));
  }

  @Test
  void shouldWaitForRank0() throws Exception {
    ControlOptions options = joinWithin(Duration.ofSeconds(60));
    InetSocketAddress later;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      later = new InetSocketAddress(free.getInetAddress(), free.getLocalPort());
    }
    Rendezvous told = new Rendezvous(later.getAddress().getHostAddress(), later.getPort(), secret);
    CompletableFuture<ControlPlane> one = join(told, 1, 2, options);
    Thread.sleep(200); // some attempts in vain
    ControlHost host = ControlPlane.host(later, secret, 2, options, news::add);
    try (ControlPlane zero = ControlPlane.join(host, news::add, NEVER);
        ControlPlane joined = one.join()) {
      assertEquals(zero.table(), joined.table());
    }
  }

  @Test
  void shouldAccuseNobodyWhenRank0EndsFirst() throws Exception {
    ControlOptions options = joinWithin(Duration.ofSeconds(60));
    ControlHost host = host(2, options);
    CompletableFuture<ControlPlane> one = join(host.rendezvous(), 1, 2, options);
    ControlPlane.join(host, news::add, NEVER).close();
    host.group().terminationFuture().await(); // all of rank 0's connections are closed by then
    assertEquals(List.of(), List.copyOf(news));
    one.join().close();
  }

  @Test
  void shouldRefuseAnotherSecret() {
    ControlOptions options = joinWithin(Duration.ofSeconds(1));
    try (ControlHost host = host(2, options)) {
      Rendezvous right = host.rendezvous();
      Rendezvous wrong = new Rendezvous(right.host(), right.port(), JobSecret.create());
      UserException e = assertThrows(UserException.class, () -> ControlPlane.join(wrong, 1, 2, options, news::add, NEVER));
      assertTrue(e.getMessage().endsWith("does not take rank 1: its secret is another one"), e.getMessage());
      assertTrue(news.stream().anyMatch(line -> line.startsWith("control: refused 127.0.0.1:")), news.toString());
      assertFalse(e.getMessage().contains(secret.text()) || news.toString().contains(secret.text()));
    }
  }

  @Test
  void shouldNameTheRanksThatDoNotJoin() {
    ControlOptions options = joinWithin(Duration.ofSeconds(1));
    ControlHost host = host(4, options);
    CompletableFuture<ControlPlane> two = join(host.rendezvous(), 2, 4, options);
    JoinTimeoutException e = assertThrows(JoinTimeoutException.class, () -> ControlPlane.join(host, news::add, NEVER));
    assertEquals(List.of(1, 3), e.missing());
    CompletionException other = assertThrows(CompletionException.class, two::join);
    assertTrue(other.getCause() instanceof JobFailedException, other.toString()); // rank 0 says it
    assertTrue(other.getCause().getMessage().endsWith("in vain for ranks 1, 3"), other.getMessage());
  }

  @Test
  void shouldKeepTheSecretFromOthersOfTheMachine() throws Exception {
    Path file = temporary.resolve("secret");
    secret.write(file);
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertEquals(secret.text(), JobSecret.read(file).text());
    assertFalse(secret.toString().contains(secret.text()));
    UserException e = assertThrows(UserException.class, () -> JobSecret.parse("KILN_SECRET", "abcd"));
    assertEquals("KILN_SECRET: expected a secret of at least 64 hexadecimal digits, found 4 characters", e.getMessage());
  }

  @Test
  void shouldReadNothingOfThoseWithoutTheSecret() throws Exception {
    try (ControlHost host = host(2, joinWithin(Duration.ofSeconds(60)));
        Socket large = new Socket(host.rendezvous().host(), host.rendezvous().port());
        Socket register = new Socket(host.rendezvous().host(), host.rendezvous().port())) {
      large.getOutputStream().write(new byte[] {0x7f, 0, 0, 0, 1, 2, 3});
      large.getInputStream().readAllBytes(); // ends when rank 0 hangs up
      byte[] message = ByteBufUtil.getBytes(MessageCodec.encode(new ControlMessage.Register(RankInfo.here(1))));
      register.getOutputStream().write(ByteBuffer.allocate(4 + message.length).putInt(message.length).put(message).array());
      register.getInputStream().readAllBytes();
      assertTrue(news.stream().anyMatch(line -> line.endsWith("a frame of 2130706432 bytes, at most 128 are allowed")), news::toString);
      assertTrue(news.stream().anyMatch(line -> line.endsWith("it sent no proof of the secret")), news::toString);
      assertEquals(2, news.size(), news::toString);
    }
  }

  @Test
  void shouldSayWhoAborts() {
    ControlOptions options = joinWithin(Duration.ofSeconds(60));
    ControlHost host = host(2, options);
    CompletableFuture<ControlPlane> joining = join(host.rendezvous(), 1, 2, options);
    try (ControlPlane zero = ControlPlane.join(host, news::add, () -> {});
        ControlPlane one = joining.join()) {
      one.abort("IllegalStateException");
      JobFailure failure = zero.failure(Duration.ofSeconds(60)).orElseThrow();
      assertEquals(JobFailure.Cause.ABORTED, failure.cause());
      assertEquals(one.table().get(1).title() + " failed: IllegalStateException", failure.line());
      assertEquals(failure, one.failure(Duration.ofSeconds(60)).orElseThrow());
      assertEquals(List.of(), news); // the rank says it by itself
    }
  }
}
