package kiln.bindings;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class KernelClockTest {
  @Test
  void shouldSayHowFarTheClockMayBeOff() {
    KernelClock clock = KernelClock.read().orElseThrow();
    assertFalse(clock.maxError().isNegative(), clock::toString);
    assertTrue(clock.maxError().toSeconds() <= 16 || !clock.synchronised(), clock::toString); // from 16 s on it is none, RFC 5905
  }

  @Test
  void shouldKnowTheConstantsOfTheSystem() throws IOException, IllegalAccessException {
    SystemConstants.assertChecked(KernelClock.class, "kernel_clock.c");
  }
}
