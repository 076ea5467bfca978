package kiln.launcher.control;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import kiln.collectives.record.LaneState;

/** Where all ranks stand on all communicators, and who is missing from what. */
final class Standings {
  private static final double MEGA = 1e6;
  private static final double KILO = 1e3;

  /** One rank on one communicator. */
  private record Stand(int rank, LaneState lane) {}

  private final List<List<LaneState>> lanes = new ArrayList<>(); // by rank; null until it has told

  Standings(int size) {
    for (int rank = 0; rank < size; rank++) {
      lanes.add(null);
    }
  }

  /** Returns whether all ranks have told. */
  boolean add(int rank, List<LaneState> told) {
    lanes.set(rank, told);
    return !lanes.contains(null);
  }

  /**
   * Who keeps the others waiting on the communicator with the collective that has been under way for longest; empty if that
   * is not longer than {@code timeout}, because it has ended since.
   */
  Optional<JobFailure> verdict(Duration timeout) {
    Optional<LaneState> longest =
        lanes.stream()
            .filter(told -> told != null)
            .flatMap(List::stream)
            .filter(LaneState::underWay)
            .max(Comparator.comparingLong(LaneState::waitingNanos))
            .filter(lane -> lane.waitingNanos() >= timeout.toNanos());
    return longest.map(lane -> verdict(stands(lane)));
  }

  /** All ranks that have told of the communicator of {@code lane}. */
  private List<Stand> stands(LaneState lane) {
    List<Stand> stands = new ArrayList<>();
    for (int rank = 0; rank < lanes.size(); rank++) {
      if (lanes.get(rank) != null) {
        for (LaneState other : lanes.get(rank)) {
          if (other.communicator().equals(lane.communicator())) {
            stands.add(new Stand(rank, other));
          }
        }
      }
    }
    return stands;
  }

  private JobFailure verdict(List<Stand> stands) {
    Stand first =
        stands.stream()
            .filter(s -> s.lane().underWay())
            .min(Comparator.comparingLong((Stand s) -> s.lane().ended()).thenComparingLong(s -> -s.lane().waitingNanos()))
            .orElseThrow();
    long sequence = first.lane().ended();
    List<Integer> missing = ranks(stands, s -> s.lane().issued() <= sequence);
    for (int rank = 0; rank < lanes.size(); rank++) {
      if (lanes.get(rank) == null) {
        missing.add(rank); // it does not even answer
      }
    }
    List<Integer> waiting = ranks(stands, s -> s.lane().underWay() && s.lane().ended() == sequence);
    String operation = operation(first.lane(), sequence);
    String since = String.format(Locale.ROOT, "%.0f s", first.lane().waitingNanos() / 1e9);
    if (!missing.isEmpty()) {
      String have = missing.size() == 1 ? " has" : " have";
      String wait = title(waiting) + (waiting.size() == 1 ? " waits" : " wait");
      String line = title(missing) + have + " not entered " + operation + ", " + wait + " since " + since;
      return new JobFailure(JobFailure.Cause.LATE, missing.getFirst(), line);
    }
    String line = "all ranks have entered " + operation + ", but " + title(waiting) + (waiting.size() == 1 ? " has" : " have") + " not left it since " + since;
    return new JobFailure(JobFailure.Cause.LATE, waiting.getFirst(), line);
  }

  private static List<Integer> ranks(List<Stand> stands, Predicate<Stand> which) {
    return new ArrayList<>(new TreeSet<>(stands.stream().filter(which).map(Stand::rank).toList()));
  }

  /** As in {@code allReduce #1234 (25.0 MB)}. */
  private static String operation(LaneState lane, long sequence) {
    String kind = lane.kind() == null ? "operation" : lane.kind().title();
    boolean world = lane.communicator().equals(RecorderFiles.WORLD);
    return kind + " #" + sequence + " (" + bytes(lane.bytes()) + ")" + (world ? "" : " of communicator " + lane.communicator());
  }

  private static String bytes(long bytes) {
    return bytes >= MEGA
        ? String.format(Locale.ROOT, "%.1f MB", bytes / MEGA)
        : bytes >= KILO ? String.format(Locale.ROOT, "%.1f kB", bytes / KILO) : bytes + " bytes";
  }

  private static String title(List<Integer> ranks) {
    String numbers = ranks.stream().map(String::valueOf).collect(Collectors.joining(", "));
    return (ranks.size() == 1 ? "rank " : "ranks ") + numbers;
  }
}
