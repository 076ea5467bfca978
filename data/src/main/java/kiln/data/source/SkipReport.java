package kiln.data.source;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kiln.bindings.UserException;
import kiln.data.queue.Manifest;

/** What was left out and why. The same detail counts once, however many samples would have come from it. */
public final class SkipReport {
  private static final int EXAMPLES = 20;

  /** Of each reason; beyond that every call counts, so that memory is bounded. */
  private static final int LARGEST_LIST = 100_000;

  private final boolean strict;
  private final Map<String, Set<String>> details = new LinkedHashMap<>();
  private final Map<String, Long> unlisted = new HashMap<>();

  /**
   * @param strict whether the first thing left out is an error
   */
  public SkipReport(boolean strict) {
    this.strict = strict;
  }

  /**
   * @throws UserException with the detail, if strict
   */
  public synchronized void add(UnusableException unusable) {
    if (strict) {
      throw new UserException(unusable.getMessage());
    }
    Set<String> kept = details.computeIfAbsent(unusable.reason(), _ -> new LinkedHashSet<>());
    if (kept.size() < LARGEST_LIST) {
      kept.add(unusable.getMessage());
    } else if (!kept.contains(unusable.getMessage())) {
      unlisted.merge(unusable.reason(), 1L, Long::sum);
    }
  }

  /**
   * Counts what an option of the user's leaves out, such as a filter: that is no error even if strict. There may be very many, so
   * only the first details are kept, and each call counts; {@link #details} does not have the others.
   *
   * @param reason the same words each time
   * @param detail one line that names file and row
   */
  public synchronized void leaveOut(String reason, String detail) {
    Set<String> kept = details.computeIfAbsent(reason, _ -> new LinkedHashSet<>());
    if (kept.size() >= EXAMPLES || !kept.add(detail)) {
      unlisted.merge(reason, 1L, Long::sum);
    }
  }

  /** Every detail by its reason, to be added to the report of another process. */
  public synchronized Map<String, List<String>> details() {
    Map<String, List<String>> all = new LinkedHashMap<>();
    details.forEach((reason, lines) -> all.put(reason, List.copyOf(lines)));
    return all;
  }

  /** Adds what another process left out. */
  public synchronized void addAll(Map<String, List<String>> others) {
    others.forEach((reason, lines) -> details.computeIfAbsent(reason, _ -> new LinkedHashSet<>()).addAll(lines));
  }

  public synchronized List<Manifest.Skipped> summary() {
    List<Manifest.Skipped> summary = new ArrayList<>();
    details.forEach(
        (reason, all) ->
            summary.add(
                new Manifest.Skipped(
                    reason,
                    all.size() + unlisted.getOrDefault(reason, 0L),
                    all.stream().limit(EXAMPLES).toList())));
    return List.copyOf(summary);
  }
}
