package kiln.bench.scaling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import kiln.collectives.AllReduceCost;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StepModelTest {
  private static final double EXACT = 1e-12;

  /** Forward 1 s, backward 3 s in which gradients of 10, 20 and 30 bytes become final after 1, 2 and 3 s. */
  private final StepModel model = new StepModel(4, 0.5, new double[] {2, 3, 4}, new long[] {10, 20, 30});

  @Test
  void shouldHideAllBucketsButTheLast() {
    AllReduceCost cost = new AllReduceCost(0.1, 100);
    assertEquals(4 + 0.1 + 0.3 + 0.5, model.seconds(cost, 1, true, 0), EXACT);
    assertEquals(4 + 3 * 0.1 + 0.6 + 0.5, model.seconds(cost, 1, false, 0), EXACT, "one after the other, after backward");
    assertEquals(4 + 0.1 + 0.6 + 0.5, model.seconds(cost, 60, true, 0), EXACT, "one bucket, complete at the end");
    assertEquals(4 + 0.1 + 0.3 + 0.5, model.seconds(cost, 30, true, 0), EXACT, "10 and 20 together");
  }

  @Test
  void shouldWaitForSlowNetworksAndSharedCores() {
    AllReduceCost slow = new AllReduceCost(0, 10);
    assertEquals(2 + 1 + 2 + 3 + 0.5, model.seconds(slow, 1, true, 0), EXACT, "the network is never idle");
    AllReduceCost cost = new AllReduceCost(0, 60);
    assertEquals(4 + 1 + 0.5, model.seconds(cost, 1, true, 1), EXACT, "all of it takes the core that computes");
  }

  @Test
  void shouldStretchWhatWasMeasuredOnOneRank() {
    StepTimes one = new StepTimes(4.5, 4, 0, 0.5, 0, 0, 0, 25, 60, 2, new double[] {0, 1, 2}, new long[] {10, 20, 30});
    StepModel same = StepModel.of(one, 4, 4, 0.5);
    assertArrayEquals(new double[] {2, 3, 4}, same.ready(), EXACT);
    StepModel two = StepModel.of(one, 16, 8, 1); // two micro-batches, each twice as slow
    assertArrayEquals(new double[] {12, 14, 16}, two.ready(), EXACT);
    assertEquals(17, two.alone());
    StepModel larger = two.scaled(0.5, 2).enlarged(3);
    assertArrayEquals(new double[] {6, 7, 8}, larger.ready(), EXACT);
    assertEquals(180, larger.totalBytes());
    assertEquals(10, larger.alone());
  }

  @Test
  void shouldCostWhatRabenseifnersAllReduceCosts() {
    Link link = new Link("some", 1e-5, 1e9);
    AllReduceCost cost = link.allReduce(8, 1e-10);
    assertEquals(6e-5 + 2 * 7 / 8.0 * 1e-3 + 7 / 8.0 * 1e-4, cost.seconds(1e6), 1e-9);
  }

  @Test
  void shouldDraw(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("plot.png");
    new Prediction("something", model.enlarged(1e7), 0).draw(file);
    assertTrue(ImageIO.read(file.toFile()).getWidth() > 300);
    try (var left = Files.list(folder)) {
      assertEquals(List.of(file), left.toList());
    }
  }
}
