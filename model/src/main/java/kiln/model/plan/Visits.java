package kiln.model.plan;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * When a plan's parameters must be there. A group stays from one use to the next if not more than one other group is used in
 * between: so neighbours that a layer spans do not come twice, and what backward needs again is not held through all of forward.
 */
final class Visits {
  private Visits() {}

  /**
   * @param reads the groups that each launch reads
   * @return by their first launch
   */
  static List<Residency.Visit> of(List<? extends Collection<Integer>> reads) {
    Map<Integer, List<Integer>> uses = new TreeMap<>();
    for (int i = 0; i < reads.size(); i++) {
      for (int group : reads.get(i)) {
        uses.computeIfAbsent(group, g -> new ArrayList<>()).add(i);
      }
    }
    List<Residency.Visit> visits = new ArrayList<>();
    uses.forEach((group, launches) -> {
      int first = launches.getFirst();
      for (int i = 1; i < launches.size(); i++) {
        if (othersBetween(reads, launches.get(i - 1), launches.get(i)) > 1) {
          visits.add(new Residency.Visit(group, first, launches.get(i - 1)));
          first = launches.get(i);
        }
      }
      visits.add(new Residency.Visit(group, first, launches.getLast()));
    });
    visits.sort(Comparator.comparingInt(Residency.Visit::first).thenComparingInt(Residency.Visit::group));
    return List.copyOf(visits);
  }

  /** Groups used after launch {@code from} and before launch {@code to}; neither of them uses the group in question there. */
  private static int othersBetween(List<? extends Collection<Integer>> reads, int from, int to) {
    Set<Integer> others = new HashSet<>();
    for (int i = from + 1; i < to && others.size() < 2; i++) {
      others.addAll(reads.get(i));
    }
    return others.size();
  }

  /** Puts a launch before the first and after the last one of every visit. */
  static void insert(List<Launch> launches, List<LaunchInfo> infos, List<Residency.Visit> visits, Residency.Visitor visitor) {
    Map<Integer, List<Integer>> entered = new HashMap<>();
    Map<Integer, List<Integer>> left = new HashMap<>();
    for (int i = 0; i < visits.size(); i++) {
      entered.computeIfAbsent(visits.get(i).first(), launch -> new ArrayList<>()).add(i);
      left.computeIfAbsent(visits.get(i).last(), launch -> new ArrayList<>()).add(i);
    }
    List<Launch> plain = List.copyOf(launches);
    List<LaunchInfo> plainInfos = List.copyOf(infos);
    launches.clear();
    infos.clear();
    for (int i = 0; i < plain.size(); i++) {
      for (int visit : entered.getOrDefault(i, List.of())) {
        launches.add(() -> visitor.enter(visit));
        infos.add(LaunchInfo.ENTER);
      }
      launches.add(plain.get(i));
      infos.add(plainInfos.get(i));
      for (int visit : left.getOrDefault(i, List.of())) {
        launches.add(() -> visitor.leave(visit));
        infos.add(LaunchInfo.LEAVE);
      }
    }
  }
}
