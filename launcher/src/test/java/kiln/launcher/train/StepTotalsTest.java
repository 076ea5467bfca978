package kiln.launcher.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import kiln.collectives.BucketStatistics;
import kiln.launcher.ThreadRanks;
import org.junit.jupiter.api.Test;

class StepTotalsTest {
  private record Seen(double loss, boolean stop, double megabytes, double hidden, double data, boolean save, boolean writing, BucketStatistics last) {}

  @Test
  void shouldMeasureWhatIsHiddenOnTheRankThatOthersWaitedFor() throws Exception {
    long[] communication = {900_000_000, 1_000_000_000, 800_000_000};
    long[] waiting = {400_000_000, 50_000_000, 300_000_000}; // rank 1 was the last to end its backward pass
    List<Seen> all =
        ThreadRanks.run(
            3,
            c -> {
              try (StepTotals totals = new StepTotals(c)) {
                BucketStatistics mine = new BucketStatistics(4, 1000, communication[c.rank()], waiting[c.rank()]);
                totals.exchange(c.rank(), c.rank() == 2, 10, mine, 0.25, c.rank() == 1, c.rank() == 0);
                return new Seen(
                    totals.loss(), totals.stop(), totals.megabytes(), totals.hiddenShare(), totals.dataSeconds(), totals.save(),
                    totals.writing(), totals.ofLast(mine));
              }
            });
    for (Seen seen : all) {
      assertEquals(1, seen.loss());
      assertEquals(true, seen.stop());
      assertEquals(true, seen.save());
      assertEquals(true, seen.writing());
      assertEquals(30, seen.megabytes());
      assertEquals(0.25, seen.data(), 1e-6);
      assertEquals(0.95, seen.hidden(), 1e-6);
      assertEquals(1e9, seen.last().communicationNanos(), 100);
      assertEquals(5e7, seen.last().waitingNanos(), 100);
    }
  }
}
