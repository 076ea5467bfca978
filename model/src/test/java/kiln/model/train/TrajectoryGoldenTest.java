package kiln.model.train;

import kiln.model.Backends;
import kiln.model.plan.Backend;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Twelve steps of a UNet against the run that torch and diffusers made; the launcher's tests repeat it on several ranks. */
class TrajectoryGoldenTest {
  /** On the driver for tests a step takes ten times as long; by the third one, plans are replayed as graphs. */
  private static final int STEPS_ON_A_DEVICE = 3;

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 8})
  void shouldTrainAs(int numMicroBatches) {
    try (Backend backend = Backends.open("cpu");
        TrajectoryRun run = new TrajectoryRun(backend, 0, 1, numMicroBatches, state -> GradientExchange.NONE)) {
      run.check();
    }
  }

  @Test
  void shouldTrainAsOnADevice() {
    try (Backend backend = Backends.open("cuda");
        TrajectoryRun run = new TrajectoryRun(backend, 0, 1, 2, state -> GradientExchange.NONE)) {
      run.check(STEPS_ON_A_DEVICE);
    }
  }
}
