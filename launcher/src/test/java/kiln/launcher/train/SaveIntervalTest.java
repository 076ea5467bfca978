package kiln.launcher.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import kiln.launcher.train.SaveInterval.Unit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SaveIntervalTest {
  @ParameterizedTest
  @CsvSource({
    "500, 500, STEPS", "1 step, 1, STEPS", "30s, 30, SECONDS", "20m, 1200, SECONDS", "2h, 7200, SECONDS", "epoch, 1, EPOCHS",
    "3 epochs, 3, EPOCHS"
  })
  void shouldReadStepsTimesAndEpochs(String text, long number, Unit unit) {
    assertEquals(Optional.of(new SaveInterval(number, unit)), SaveInterval.parse(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "-1", "soon", "5d", "epochs", "1.5h", "99999999999"})
  void shouldTakeNothingElse(String text) {
    assertEquals(Optional.empty(), SaveInterval.parse(text));
  }

  @Test
  void shouldKnowSteps() {
    assertEquals(new SaveInterval(7, Unit.STEPS), SaveInterval.steps(7));
  }
}
