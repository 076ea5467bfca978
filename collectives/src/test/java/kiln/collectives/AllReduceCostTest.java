package kiln.collectives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import kiln.bindings.Region;
import org.junit.jupiter.api.Test;

class AllReduceCostTest {
  private static final double[] BYTES = {4096, 65536, 1 << 20, 4 << 20};

  @Test
  void shouldFindTheLineThatMeasurementsLieOn() {
    AllReduceCost line = new AllReduceCost(40e-6, 2e9);
    AllReduceCost fitted = AllReduceCost.fit(BYTES, Arrays.stream(BYTES).map(line::seconds).toArray());
    assertEquals(40e-6, fitted.latencySeconds(), 1e-12);
    assertEquals(2e9, fitted.bytesPerSecond(), 1);
    assertEquals("40 us + 2.00 GB/s", fitted.toString());
  }

  @Test
  void shouldStayPossibleWhateverTheNoise() {
    AllReduceCost falling = AllReduceCost.fit(new double[] {1000, 2000}, new double[] {2e-3, 1e-3});
    assertEquals(2e6, falling.bytesPerSecond(), 1);
    AllReduceCost steep = AllReduceCost.fit(new double[] {1000, 2000, 4000}, new double[] {1e-6, 4e-6, 16e-6});
    assertEquals(0, steep.latencySeconds());
    assertTrue(steep.bytesPerSecond() > 0);
  }

  @Test
  void shouldBalanceLatenciesAgainstTheLastBucket() {
    AllReduceCost cost = new AllReduceCost(50e-6, 5e9);
    long total = 400_000_000;
    long bucket = cost.bucketBytes(total, 256 << 10, 1L << 30);
    assertEquals(8 << 20, bucket); // √(400 MB · 50 us · 5 GB/s) is 10 MB, 2^23.25
    assertEquals(16 << 20, cost.bucketBytes(total, 16 << 20, 1L << 30));
    assertEquals(1 << 20, cost.bucketBytes(total, 256 << 10, 1 << 20));
    assertEquals(256 << 10, new AllReduceCost(0, 5e9).bucketBytes(total, 256 << 10, 1 << 20));
    for (long other = bucket / 4; other <= bucket * 4; other *= 2) {
      assertTrue(excess(cost, total, bucket) <= excess(cost, total, other) * 1.05, "bucket of " + other);
    }
  }

  private static double excess(AllReduceCost cost, double total, double bucket) {
    return total / bucket * cost.latencySeconds() + bucket / cost.bytesPerSecond();
  }

  @Test
  void shouldTellAllRanksTheSame() throws Exception {
    List<AllReduceCost> costs =
        ThreadRanks.run(
            2,
            c -> {
              try (Region scratch = Region.allocate("scratch", 300 << 10)) { // the larger sizes do not fit
                return AllReduceProbe.measure(c, scratch.segment());
              }
            });
    assertEquals(costs.get(0), costs.get(1));
    assertTrue(costs.getFirst().bytesPerSecond() > 1e6, costs.toString());
  }
}
