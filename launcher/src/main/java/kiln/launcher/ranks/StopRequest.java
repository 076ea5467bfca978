package kiln.launcher.ranks;

import java.io.IOException;
import java.io.InputStream;

/**
 * A rank's side of stopping: whether it was asked to, by a signal of its own or by the supervisor, whose end of standard input
 * is a leash: a byte on it is the request, its end means that the supervisor is gone, and then the rank goes too.
 */
public final class StopRequest {
  private volatile boolean requested;

  /** Watches signals from now on: in a rank that has no supervisor of Kiln's. */
  public static StopRequest watch() {
    StopRequest request = new StopRequest();
    StopSignals.handle(() -> request.requested = true, () -> Runtime.getRuntime().halt(ExitStatus.INTERRUPTED));
    return request;
  }

  /**
   * Watches signals and {@code leash} from now on.
   *
   * @param orphaned run before this process ends because the supervisor is gone: what that would have cleared away
   */
  public static StopRequest watch(InputStream leash, Runnable orphaned) {
    StopRequest request = watch();
    Thread.ofPlatform().daemon().name("supervisor-watch").start(() -> request.hold(leash, orphaned));
    return request;
  }

  public boolean requested() {
    return requested;
  }

  private void hold(InputStream leash, Runnable orphaned) {
    try {
      while (leash.read() >= 0) {
        requested = true;
      }
    } catch (IOException e) {
      // As its end: nobody is there any more.
    }
    try {
      orphaned.run();
    } finally {
      Runtime.getRuntime().halt(ExitStatus.ORPHAN);
    }
  }
}
