package kiln.model.train;

import kiln.model.Backends;
import kiln.model.plan.Backend;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Twelve steps of a UNet against the run that torch and diffusers made; the launcher's tests repeat it on several ranks. */
class TrajectoryGoldenTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 4, 8})
  void shouldTrainAs(int numMicroBatches) {
    try (Backend backend = Backends.open("cpu");
        TrajectoryRun run = new TrajectoryRun(backend, 0, 1, numMicroBatches, state -> GradientExchange.NONE)) {
      run.check();
    }
  }
}
