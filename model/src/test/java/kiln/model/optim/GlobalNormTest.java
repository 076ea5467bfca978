package kiln.model.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GlobalNormTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 63, 64, 65, 65_536, 65_537, 300_001})
  void shouldSumEveryElementOnce(int n) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment x = arena.allocate((long) n * Float.BYTES, 64);
      double expected = 0;
      for (int i = 0; i < n; i++) {
        float value = (float) Math.sin(i);
        x.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
        expected += (double) value * value;
      }
      assertEquals(Math.sqrt(expected), GlobalNorm.of(x), 1e-12 * Math.sqrt(expected));
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
  void shouldShowWhatIsNotFinite(float broken) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment x = arena.allocate(100_000L * Float.BYTES, 64);
      x.setAtIndex(ValueLayout.JAVA_FLOAT, 99_999, broken);
      assertTrue(!Double.isFinite(GlobalNorm.of(x)));
    }
  }
}
