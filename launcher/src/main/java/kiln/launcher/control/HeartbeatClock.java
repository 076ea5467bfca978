package kiln.launcher.control;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/**
 * Decides who is silent for too long. When this process itself stood still (stopped, a pause of the collector, a machine
 * that slept), it has heard nobody, and takes nobody for lost because of that.
 */
final class HeartbeatClock {
  private final long timeout;
  private long last = System.nanoTime();

  HeartbeatClock(ControlOptions options) {
    this.timeout = options.heartbeatTimeout().toNanos();
  }

  /** To be called at every heartbeat. Returns whether this process stood still. */
  boolean tick() {
    long now = System.nanoTime();
    boolean stalled = now - last > timeout / 2;
    last = now;
    return stalled;
  }

  boolean isSilent(Connection connection) {
    return last - connection.heard() > timeout;
  }

  /** As in {@code no heartbeat for 6.4 s, since 18:03:12}. */
  String silence(Connection connection) {
    Duration silent = Duration.ofNanos(last - connection.heard());
    String since = Clock.of(Instant.now().minus(silent));
    return String.format(Locale.ROOT, "no heartbeat for %.1f s, since %s", silent.toMillis() / 1e3, since);
  }
}
