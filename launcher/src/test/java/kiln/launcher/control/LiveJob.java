package kiln.launcher.control;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** Ranks of one process that have joined; what rank 0 and the others say is kept. */
final class LiveJob implements AutoCloseable {
  static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  private static final Duration LONG = Duration.ofMinutes(1);

  final List<String> news = new CopyOnWriteArrayList<>();
  final JobSecret secret = JobSecret.create();
  final ControlHost host;
  final List<ControlPlane> planes;

  LiveJob(int size, ControlOptions options) {
    host = ControlPlane.host(ANY_PORT, secret, size, options, news::add);
    List<CompletableFuture<ControlPlane>> joining = new ArrayList<>();
    joining.add(zero());
    for (int rank = 1; rank < size; rank++) {
      int self = rank;
      joining.add(
          CompletableFuture.supplyAsync(
              () -> ControlPlane.join(host.rendezvous(), self, size, options, news::add, () -> {}),
              Thread::startVirtualThread));
    }
    planes = joining.stream().map(CompletableFuture::join).toList();
  }

  /** Of tests that need no time to pass. */
  static ControlOptions patient() {
    return new ControlOptions(null, Duration.ofSeconds(20), LONG, LONG);
  }

  private CompletableFuture<ControlPlane> zero() {
    return CompletableFuture.supplyAsync(() -> ControlPlane.join(host, news::add, () -> {}), Thread::startVirtualThread);
  }

  /** All ranks know of no failure, and what they tell rank 0 arrives. */
  void assertAlive(long step) throws InterruptedException {
    for (ControlPlane plane : planes) {
      plane.tellPace(step, 1, 1);
    }
    long deadline = System.nanoTime() + LONG.toNanos();
    while (planes.getFirst().takeSlowest().filter(slowest -> slowest.step() == step).isEmpty()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("rank 0 has not heard of all: " + news);
      }
      Thread.sleep(1);
    }
    for (ControlPlane plane : planes) {
      if (plane.failure(Duration.ZERO).isPresent()) {
        throw new AssertionError(plane.failure(Duration.ZERO).get());
      }
    }
  }

  @Override
  public void close() {
    planes.reversed().forEach(ControlPlane::close);
  }
}
