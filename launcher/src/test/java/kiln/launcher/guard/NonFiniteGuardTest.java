package kiln.launcher.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kiln.bindings.UserException;
import org.junit.jupiter.api.Test;

class NonFiniteGuardTest {
  private static final double NAN = Double.NaN;

  @Test
  void shouldSkipWhatIsNotFinite() {
    NonFiniteGuard guard = new NonFiniteGuard(2);
    assertFalse(guard.skips(1, 0.5, 3));
    assertTrue(guard.skips(2, NAN, 3));
    assertTrue(guard.skips(3, 0.5, Double.POSITIVE_INFINITY));
    assertFalse(guard.skips(4, 0.5, 0));
    assertTrue(guard.skips(5, NAN, NAN));
    assertTrue(guard.skips(6, NAN, NAN));
    assertEquals(4, guard.skipped());
    UserException end = assertThrows(UserException.class, () -> guard.skips(7, NAN, NAN));
    assertEquals(
        "step 7: the gradient's norm is NaN (loss NaN); the 2 steps before it were skipped for the like (--max-skipped);"
            + " try a smaller optimizer.learning_rate (--set) or another --seed",
        end.getMessage());
  }

  @Test
  void shouldEndAtOnceIfNothingMayBeSkipped() {
    UserException end = assertThrows(UserException.class, () -> new NonFiniteGuard(0).skips(3, NAN, 1));
    assertTrue(end.getMessage().startsWith("step 3: the loss is NaN; try"), end.getMessage());
  }
}
