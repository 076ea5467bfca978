package kiln.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kiln.launcher.ranks.ExitStatus;

/**
 * What became of a command.
 *
 * @param status 128 + signal if it was killed
 * @param out all of its standard output
 * @param err all of its standard error
 */
public record Outcome(int status, String out, String err) {
  /** The command did what it was asked for, and had nothing to complain about. */
  public Outcome assertOk() {
    assertEquals(0, status, this::toString);
    assertEquals("", err, this::toString);
    return this;
  }

  /** The command was stopped, has saved what it did, and had nothing to complain about. */
  public Outcome assertStopped() {
    assertEquals(ExitStatus.STOPPED, status, this::toString);
    assertEquals("", err, this::toString);
    return this;
  }

  /** The command failed with one line for the user that has all of {@code parts}, and without a stack trace. */
  public Outcome assertRefused(int expectedStatus, String... parts) {
    assertEquals(expectedStatus, status, this::toString);
    assertEquals(1, err.lines().count(), this::toString);
    assertTrue(err.startsWith("kiln: "), this::toString);
    for (String part : parts) {
      assertTrue(err.contains(part), () -> "expected '" + part + "' in " + this);
    }
    assertFalse(err.contains("Exception"), this::toString);
    return this;
  }

  @Override
  public String toString() {
    return "status " + status + "\nout:\n" + out + "err:\n" + err;
  }
}
