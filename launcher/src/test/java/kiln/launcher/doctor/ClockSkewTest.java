package kiln.launcher.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import kiln.launcher.ThreadRanks;
import org.junit.jupiter.api.Test;

/** Clocks that are known to differ. */
class ClockSkewTest {
  private static final long SECOND = 1_000_000_000;

  @Test
  void shouldBoundTheTrueDifferences() throws InterruptedException, ExecutionException {
    long[] ahead = {0, 5 * SECOND, -3600 * SECOND};
    List<List<ClockSkew>> all =
        ThreadRanks.run(3, world -> ClockSkew.measure(world, List.of(0, 1, 2), () -> System.nanoTime() + ahead[world.rank()]));
    assertEquals(all.getFirst(), all.getLast()); // the same on all ranks
    assertEquals(3, all.getFirst().size());
    for (ClockSkew skew : all.getFirst()) {
      long truth = ahead[skew.a()] - ahead[skew.b()];
      assertTrue(skew.low() <= truth && truth <= skew.high(), skew::toString);
      assertTrue(skew.leastMillis() > 4000, skew::toString); // of 200 sums none took a second
      assertEquals(truth / 1e6, skew.millis(), skew.uncertaintyMillis() + 1e-3);
    }
  }

  @Test
  void shouldLeaveRanksOutThatAreNotAskedFor() throws InterruptedException, ExecutionException {
    List<List<ClockSkew>> all = ThreadRanks.run(3, world -> ClockSkew.measure(world, List.of(0, 2), ClockSkew::now));
    assertEquals(1, all.getFirst().size());
    assertEquals(List.of(0, 2), List.of(all.getFirst().getFirst().a(), all.getFirst().getFirst().b()));
    assertEquals(0, all.getFirst().getFirst().leastMillis()); // one clock
  }

  @Test
  void shouldNoticeAClockThatIsSetMeanwhile() throws InterruptedException, ExecutionException {
    List<List<ClockSkew>> all =
        ThreadRanks.run(
            2,
            world -> {
              AtomicInteger asked = new AtomicInteger();
              LongSupplier clock =
                  () -> System.nanoTime() + (world.rank() == 1 && asked.incrementAndGet() > 200 ? 60 * SECOND : 0);
              return ClockSkew.measure(world, List.of(0, 1), clock);
            });
    assertFalse(all.getFirst().getFirst().isSteady(), all.getFirst()::toString);
  }
}
