package kiln.collectives;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/** Ranks that did not join in time. */
public final class JoinTimeoutException extends CollectiveException {
  private static final long serialVersionUID = 1;

  private final int[] missing;

  public JoinTimeoutException(int rank, int size, List<Integer> missing, Duration timeout) {
    super(
        "rank %d of %d waited %.1f s in vain for %s %s"
            .formatted(
                rank,
                size,
                timeout.toMillis() / 1e3,
                missing.size() == 1 ? "rank" : "ranks",
                String.join(", ", missing.stream().map(String::valueOf).toList())));
    this.missing = missing.stream().mapToInt(Integer::intValue).toArray();
  }

  /** The ranks that did not come. */
  public List<Integer> missing() {
    return IntStream.of(missing).boxed().toList();
  }
}
