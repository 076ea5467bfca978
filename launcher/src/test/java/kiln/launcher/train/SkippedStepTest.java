package kiln.launcher.train;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import kiln.collectives.BucketStatistics;
import kiln.collectives.Communicator;
import kiln.launcher.ThreadRanks;
import kiln.launcher.guard.NonFiniteGuard;
import kiln.launcher.parallel.DataParallel;
import kiln.launcher.parallel.GradientLink;
import kiln.launcher.parallel.GradientOptions;
import kiln.launcher.parallel.Replicated;
import kiln.launcher.parallel.WireType;
import kiln.model.graph.Initializer;
import kiln.model.graph.Shape;
import kiln.model.layer.ParameterScope;
import kiln.model.optim.AdamW;
import kiln.model.optim.Ema;
import kiln.model.optim.GlobalNorm;
import kiln.model.train.GradientSink;
import kiln.model.train.TrainingState;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One rank has a gradient or a loss that is not finite: all leave out the same steps, and nothing of them is left. */
class SkippedStepTest {
  private static final int STEPS = 6;

  /** What a rank saw and where it came to. */
  private record Run(List<Boolean> skipped, float[] weights, float[] average) {}

  @ParameterizedTest
  @EnumSource(WireType.class)
  void shouldBeSkippedByAllRanks(WireType wire) throws Exception {
    List<Run> clean = ThreadRanks.run(3, c -> run(c, wire, false));
    List<Run> faulty = ThreadRanks.run(3, c -> run(c, wire, true));
    for (int rank = 0; rank < 3; rank++) {
      assertEquals(List.of(false, false, false, false, false, false), clean.get(rank).skipped);
      assertEquals(List.of(false, true, false, true, true, false), faulty.get(rank).skipped);
      assertArrayEquals(clean.getFirst().weights, clean.get(rank).weights);
      assertArrayEquals(faulty.getFirst().weights, faulty.get(rank).weights);
      assertArrayEquals(faulty.getFirst().average, faulty.get(rank).average);
      for (float weight : faulty.get(rank).weights) {
        assertEquals(true, Float.isFinite(weight));
      }
    }
    assertNotEquals(clean.getFirst().weights[0], faulty.getFirst().weights[0]);
  }

  private static Run run(Communicator communicator, WireType wire, boolean faulty) {
    ParameterScope scope = new ParameterScope();
    scope.parameter("a", Shape.of(4, 8), Initializer.ZEROS);
    scope.parameter("b", Shape.of(16), Initializer.ZEROS);
    NonFiniteGuard guard = new NonFiniteGuard(2);
    List<Boolean> skipped = new ArrayList<>();
    try (TrainingState state = new TrainingState(scope.parameters());
        GradientLink link =
            GradientLink.open(communicator, new GradientOptions(4096L, wire, true), state.gradients());
        DataParallel parallel = new Replicated(link, state);
        StepTotals totals = new StepTotals(communicator)) {
      state.initialize(0);
      for (int step = 1; step <= STEPS; step++) {
        GradientSink sink = parallel.begin();
        float loss = gradients(state, communicator.rank(), step, faulty);
        sink.gradientReady(1);
        sink.gradientReady(0);
        parallel.await();
        double norm = parallel.gradientNorm();
        totals.exchange(loss, false, 0, BucketStatistics.NONE, 0, false, false);
        skipped.add(guard.skips(step, totals.loss(), norm));
        if (!skipped.getLast()) {
          parallel.update(AdamW.standard(), Ema.growing(0.9), step, 1e-2, GlobalNorm.clipScale(norm, 1));
        }
      }
      return new Run(skipped, state.weights().toArray(JAVA_FLOAT), state.average().toArray(JAVA_FLOAT));
    }
  }

  /** Rank 1's gradient is NaN in step 2, rank 2's infinite in step 4, and rank 0's loss NaN in step 5. */
  private static float gradients(TrainingState state, int rank, int step, boolean faulty) {
    MemorySegment gradients = state.gradients();
    for (long i = 0; i < gradients.byteSize() / Float.BYTES; i++) {
      gradients.setAtIndex(JAVA_FLOAT, i, rank + i % 3 - 0.25f * step);
    }
    if (faulty && step == 2 && rank == 1) {
      gradients.setAtIndex(JAVA_FLOAT, 40, Float.NaN);
    }
    if (faulty && step == 4 && rank == 2) {
      gradients.setAtIndex(JAVA_FLOAT, 3, Float.POSITIVE_INFINITY);
    }
    return faulty && step == 5 && rank == 0 ? Float.NaN : 0.5f;
  }
}
