package kiln.model.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import kiln.model.graph.Initializer;
import kiln.model.graph.Parameter;
import kiln.model.graph.Shape;
import org.junit.jupiter.api.Test;

class ParameterInitializerTest {
  private static final Parameter UNIFORM = new Parameter("u", Shape.of(100, 100), new Initializer.Uniform(0.25f));
  private static final Parameter NORMAL = new Parameter("n", Shape.of(100, 101), new Initializer.Normal(0.5f));
  private static final Parameter CONSTANT = new Parameter("c", Shape.of(7), Initializer.ONES);

  @Test
  void shouldDependOnSeedAndNameOnly() {
    float[] first = values(NORMAL, 1, UNIFORM, NORMAL, CONSTANT);
    assertArrayEquals(first, values(NORMAL, 1, CONSTANT, NORMAL));
    assertFalse(Arrays.equals(first, values(NORMAL, 2, NORMAL)));
    Parameter renamed = new Parameter("m", NORMAL.shape(), NORMAL.initializer());
    assertFalse(Arrays.equals(first, values(renamed, 1, renamed)));
  }

  @Test
  void shouldFollowTheInitializer() {
    float[] uniform = values(UNIFORM, 1, UNIFORM);
    assertTrue(min(uniform) >= -0.25 && min(uniform) < -0.24, "min=" + min(uniform));
    assertEquals(0.25 / Math.sqrt(3), rms(uniform), 0.005);
    assertEquals(0.5, rms(values(NORMAL, 1, NORMAL)), 0.015);
    assertArrayEquals(new float[] {1, 1, 1, 1, 1, 1, 1}, values(CONSTANT, 1, UNIFORM, CONSTANT));
  }

  @Test
  void shouldStartTheAverageAtTheWeights() {
    try (TrainingState state = new TrainingState(List.of(UNIFORM, CONSTANT))) {
      state.initialize(1);
      assertEquals(-1, state.average().mismatch(state.weights()));
      assertEquals(0, state.step());
      state.advance(8);
      state.advance(8);
      assertEquals(2, state.step());
      assertEquals(16, state.samplesSeen());
    }
  }

  private static float[] values(Parameter wanted, long seed, Parameter... all) {
    try (TrainingState state = new TrainingState(List.of(all))) {
      state.initialize(seed);
      return state.table().entry(wanted.name()).slice(state.weights()).toArray(ValueLayout.JAVA_FLOAT);
    }
  }

  private static double min(float[] x) {
    double min = x[0];
    for (float value : x) {
      min = Math.min(min, value);
    }
    return min;
  }

  private static double rms(float[] x) {
    double squares = 0;
    for (float value : x) {
      squares += (double) value * value / x.length;
    }
    return Math.sqrt(squares);
  }
}
