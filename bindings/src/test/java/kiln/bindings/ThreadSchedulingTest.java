package kiln.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

class ThreadSchedulingTest {
  @Test
  void shouldGiveTheCallingThreadAloneAShortSlice() throws InterruptedException {
    long before = ThreadScheduling.slice();
    assumeTrue(before > 0, "skipped: this kernel has no slices of threads (Linux 6.12 or later)");
    long[] inside = new long[1];
    boolean[] taken = new boolean[1];
    Thread thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  taken[0] = ThreadScheduling.shortSlice(200_000);
                  inside[0] = ThreadScheduling.slice();
                });
    thread.join();
    assertTrue(taken[0]);
    assertEquals(200_000, inside[0]);
    assertEquals(before, ThreadScheduling.slice());
  }
}
