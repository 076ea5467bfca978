package kiln.launcher.control;

import java.time.Duration;

/**
 * How long the control plane waits for what. A heartbeat goes every second, or more often where less than four would fit
 * into {@code heartbeatTimeout}.
 *
 * @param address where rank 0 listens, as {@link ListenAddress#choose} takes it; null to choose one
 * @param heartbeatTimeout how long a rank may be silent until it is taken for lost
 * @param collectiveTimeout how long a collective may be under way until the job is ended
 * @param joinTimeout how long ranks wait for each other at the start
 */
public record ControlOptions(
    String address, Duration heartbeatTimeout, Duration collectiveTimeout, Duration joinTimeout) {
  /** The least time that can be given. */
  public static final Duration LEAST = Duration.ofMillis(100);

  /** With which a lost rank is named within ten seconds. */
  public static final ControlOptions DEFAULT =
      new ControlOptions(null, Duration.ofSeconds(6), Duration.ofSeconds(300), Duration.ofMinutes(2));

  private static final Duration HEARTBEAT = Duration.ofSeconds(1);
  private static final int HEARTBEATS = 4;

  public ControlOptions {
    for (Duration duration : new Duration[] {heartbeatTimeout, collectiveTimeout, joinTimeout}) {
      if (duration.compareTo(LEAST) < 0) {
        throw new IllegalArgumentException("expected at least " + LEAST + ", found " + duration);
      }
    }
  }

  /** How often ranks say that they are there. */
  Duration heartbeatInterval() {
    Duration quarter = heartbeatTimeout.dividedBy(HEARTBEATS);
    return quarter.compareTo(HEARTBEAT) < 0 ? quarter : HEARTBEAT;
  }
}
