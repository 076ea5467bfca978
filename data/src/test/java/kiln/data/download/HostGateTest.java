package kiln.data.download;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class HostGateTest {
  private static HostGate gate(int connections, int perHost, Duration delay) {
    return new HostGate(new DownloadOptions.Crowd(connections, perHost, delay, 0));
  }

  @Test
  void shouldKeepRequestsToAHostApart() {
    Duration delay = Duration.ofMillis(30);
    long start = System.nanoTime();
    List<CompletableFuture<Long>> starts = new ArrayList<>();
    try (HostGate gate = gate(8, 8, delay)) {
      for (int i = 0; i < 6; i++) {
        starts.add(gate.submit("a", System::nanoTime));
      }
      for (int i = 0; i < 6; i++) {
        long least = i * delay.toNanos();
        assertTrue(starts.get(i).join() - start >= least, "request " + i + " came early");
      }
    }
  }

  @Test
  void shouldPauseAHostAndNoOther() {
    try (HostGate gate = gate(1, 1, Duration.ZERO)) {
      long start = System.nanoTime();
      gate.pause("a", Duration.ofMillis(300));
      CompletableFuture<Long> paused = gate.submit("a", System::nanoTime);
      gate.submit("b", () -> 0).join();
      assertTrue(!paused.isDone() || System.nanoTime() - start >= 300_000_000, "the pause was ignored");
      assertTrue(paused.join() - start >= 300_000_000, "the pause was too short");
    }
  }

  @Test
  void shouldBoundAllRequestsTogether() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch running = new CountDownLatch(2);
    List<CompletableFuture<Boolean>> all = new ArrayList<>();
    try (HostGate gate = gate(2, 2, Duration.ZERO)) {
      for (int i = 0; i < 6; i++) {
        all.add(
            gate.submit(
                "host" + i,
                () -> {
                  running.countDown();
                  return release.await(20, TimeUnit.SECONDS);
                }));
      }
      assertTrue(running.await(20, TimeUnit.SECONDS));
      assertEquals(6, all.stream().filter(each -> !each.isDone()).count());
      release.countDown();
      all.forEach(each -> assertTrue(each.join()));
    }
  }

  @Test
  void shouldStartNothingOnceStopped() {
    HostGate gate = gate(1, 1, Duration.ofMillis(50));
    gate.submit("a", () -> 1).join();
    CompletableFuture<Integer> late = gate.submit("a", () -> 2); // has to wait
    gate.close();
    assertTrue(!late.isDone());
  }

  @Test
  void shouldForgetHostsThatHaveNothingToDo() {
    try (HostGate gate = gate(64, 1, Duration.ZERO)) {
      List<CompletableFuture<Integer>> all = new ArrayList<>();
      for (int i = 0; i < 6000; i++) {
        int number = i;
        all.add(gate.submit("host" + i, () -> number));
      }
      for (int i = 0; i < all.size(); i++) {
        assertEquals(i, all.get(i).join());
      }
      assertEquals(7, gate.submit("host1", () -> 7).join());
    }
  }
}
