package kiln.data.download;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Which hosts could not be reached several times in a row: dead ones are common in old tables, and each try takes long. */
final class HostHealth {
  private final int limit;
  private final ConcurrentMap<String, Integer> failures = new ConcurrentHashMap<>();

  /**
   * @param limit failures in a row; 0 for any number
   */
  HostHealth(int limit) {
    this.limit = limit;
  }

  boolean givenUp(String host) {
    return limit > 0 && failures.getOrDefault(host, 0) >= limit;
  }

  /** Learns from a request; true if the host is given up by it. */
  boolean saw(String host, Response response) {
    boolean unreachable = response instanceof Response.Failed failed && failed.failure().reason().unreachable();
    if (!unreachable) {
      failures.remove(host);
      return false;
    }
    return failures.merge(host, 1, Integer::sum) == limit;
  }
}
