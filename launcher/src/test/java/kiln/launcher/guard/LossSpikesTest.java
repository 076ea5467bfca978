package kiln.launcher.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LossSpikesTest {
  /** Losses around 1, normally distributed with deviation 0.05. */
  private static List<String> reports(LossSpikes spikes, int steps, int spikeAt, double spike) {
    Random random = new Random(3);
    List<String> reports = new ArrayList<>();
    for (int step = 1; step <= steps; step++) {
      double loss = step == spikeAt ? spike : 1 + 0.05 * random.nextGaussian();
      spikes.take(step, loss).ifPresent(reports::add);
    }
    return reports;
  }

  @Test
  void shouldNameStepAndLossOfASpike() {
    List<String> reports = reports(new LossSpikes(8), 400, 250, 2.0);
    assertEquals(1, reports.size(), reports.toString());
    assertTrue(reports.getFirst().startsWith("step 250: loss spike: 2.0000, "), reports.getFirst());
    assertTrue(reports.getFirst().endsWith(" of the 100 steps before"), reports.getFirst());
  }

  @Test
  void shouldBeQuietWithoutSpikesAtTheBeginningAndOnDemand() {
    assertEquals(List.of(), reports(new LossSpikes(8), 400, 0, 0));
    assertEquals(List.of(), reports(new LossSpikes(8), 400, 10, 50));
    assertEquals(List.of(), reports(new LossSpikes(0), 400, 250, 50));
  }

  @Test
  void shouldNotCallTheSmallestChangeASpike() {
    LossSpikes spikes = new LossSpikes(8);
    for (int step = 1; step <= 50; step++) {
      assertTrue(spikes.take(step, 1).isEmpty());
    }
    assertTrue(spikes.take(51, 1.05).isEmpty());
    assertTrue(spikes.take(52, 1.15).isPresent());
  }

  @Test
  void shouldForgetOldLosses() {
    LossSpikes spikes = new LossSpikes(8);
    for (int step = 1; step <= 300; step++) {
      boolean high = step > 150;
      boolean report = spikes.take(step, high ? 10 : 1).isPresent();
      assertEquals(step > 150 && step <= 200, report, "step " + step);
    }
  }
}
