package kiln.launcher.control;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Rank 0's connections of which nobody has shown yet whose they are: few, for a short time, and of whatever comes from them only
 * a few lines are said. A newcomer for whom there is no room takes the place of the one that has waited for longest: a rank
 * needs a moment to show who it is, so that whoever only keeps connections open does not keep ranks out. Used on the control
 * plane's thread.
 */
final class Strangers {
  /** Beside one per rank. */
  static final int ROOM = 64;

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Refusals that are said one by one; from then on those are that make their number a power of ten. */
  static final int SAID = 20;

  private final int most;
  private final Duration patience;
  private final Consumer<String> news;
  private final Map<MemberConnection, Long> since = new LinkedHashMap<>(); // System.nanoTime(), the oldest first
  private final AtomicLong refusals = new AtomicLong();

  /**
   * @param size number of ranks
   * @param patience how long ranks wait for each other: one has so long to show that it has the secret, and at most ten seconds
   * @param news gets lines for the user
   */
  Strangers(int size, Duration patience, Consumer<String> news) {
    this.most = size + ROOM;
    this.patience = patience.compareTo(PATIENCE) < 0 ? patience : PATIENCE;
    this.news = news;
  }

  void admit(MemberConnection connection) {
    if (since.size() >= most) {
      MemberConnection oldest = since.keySet().iterator().next();
      since.remove(oldest);
      oldest.turnAway("others came, and it has sent no proof of the secret");
    }
    since.put(connection, System.nanoTime());
  }

  /** It is none any more: it is a member's, or closed. */
  void left(MemberConnection connection) {
    since.remove(connection);
  }

  /** Hangs up on those that have had their time; to be called now and then. */
  void sweep() {
    long now = System.nanoTime();
    for (Iterator<Map.Entry<MemberConnection, Long>> all = since.entrySet().iterator(); all.hasNext(); ) {
      Map.Entry<MemberConnection, Long> oldest = all.next();
      if (now - oldest.getValue() < patience.toNanos()) {
        return;
      }
      all.remove();
      oldest.getKey().turnAway("it sent no proof of the secret within " + patience.toMillis() / 1e3 + " s");
    }
  }

  /**
   * @param why in words of this side
   */
  void refused(String peer, String why) {
    long count = refusals.incrementAndGet();
    if (count <= SAID) {
      news.accept("control: refused " + peer + ": " + why);
    } else if (isPowerOfTen(count)) {
      news.accept("control: refused " + count + " connections so far, the last one of " + peer + ": " + why);
    }
  }

  private static boolean isPowerOfTen(long count) {
    long power = count;
    while (power % 10 == 0) {
      power /= 10;
    }
    return power == 1;
  }

  long refusals() {
    return refusals.get();
  }

  /** Says how many there were, if that has not been said. */
  void close() {
    if (refusals.get() > SAID) {
      news.accept("control: refused " + refusals.get() + " connections in all");
    }
  }
}
