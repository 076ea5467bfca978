package kiln.launcher.guard;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToLongFunction;
import java.util.stream.Collectors;

/** Which ranks have the same of something. */
final class RankGroups {
  private RankGroups() {}

  /** Ranks with the same value together, the smallest groups first. */
  static List<List<Integer>> of(int size, IntToLongFunction value) {
    List<List<Integer>> groups = new ArrayList<>();
    for (int rank = 0; rank < size; rank++) {
      long own = value.applyAsLong(rank);
      List<Integer> group =
          groups.stream().filter(g -> value.applyAsLong(g.getFirst()) == own).findFirst().orElse(null);
      if (group == null) {
        group = new ArrayList<>();
        groups.add(group);
      }
      group.add(rank);
    }
    groups.sort((a, b) -> Integer.compare(a.size(), b.size()));
    return groups;
  }

  /** As in {@code rank 2 than on ranks 0, 1}. */
  static String describe(List<List<Integer>> groups) {
    return groups.stream().map(RankGroups::ranks).collect(Collectors.joining(" than on "));
  }

  private static String ranks(List<Integer> group) {
    String numbers = group.stream().map(String::valueOf).collect(Collectors.joining(", "));
    return (group.size() == 1 ? "rank " : "ranks ") + numbers;
  }
}
