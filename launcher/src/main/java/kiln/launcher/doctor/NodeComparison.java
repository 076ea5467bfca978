package kiln.launcher.doctor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What all nodes of a job have in common, and in what they differ. */
final class NodeComparison {
  /** From here on, times of two machines' logs and files are in the wrong order often. */
  private static final double LARGE_MILLIS = 100;

  private static final Set<String> MUST_BE_EQUAL = Set.of("JDK", "Kiln", "native libraries");

  private final List<NodeFacts> ranks;

  /**
   * @param ranks what each rank knows, by rank
   */
  NodeComparison(List<NodeFacts> ranks) {
    this.ranks = List.copyOf(ranks);
  }

  List<String> hosts() {
    return List.copyOf(ranks.stream().map(NodeFacts::host).collect(Collectors.toCollection(LinkedHashSet::new)));
  }

  /** The lowest rank of each machine. */
  static List<Integer> firstRanks(List<String> hostByRank) {
    Map<String, Integer> first = new LinkedHashMap<>();
    for (int rank = 0; rank < hostByRank.size(); rank++) {
      first.putIfAbsent(hostByRank.get(rank), rank);
    }
    return List.copyOf(first.values());
  }

  /** The machines' own findings: those that are the same on several are told once. */
  List<Placed> findings() {
    Map<Finding, List<String>> places = new LinkedHashMap<>();
    for (NodeFacts facts : ranks) {
      facts.findings().forEach(finding -> places.computeIfAbsent(finding, _ -> new ArrayList<>()).add(facts.host()));
    }
    int all = hosts().size();
    List<String> subjects = places.keySet().stream().map(Finding::subject).distinct().toList();
    return places.entrySet().stream()
        .sorted(Comparator.comparing(e -> subjects.indexOf(e.getKey().subject())))
        .map(e -> new Placed(e.getValue().size() == all ? List.of() : e.getValue(), e.getKey()))
        .toList();
  }

  /** One finding for each thing that ranks should have in common. */
  List<Finding> versions() {
    List<Finding> findings = new ArrayList<>();
    for (String name : ranks.getFirst().versions().keySet()) {
      Map<String, Set<String>> hosts = new LinkedHashMap<>(); // by version
      for (NodeFacts facts : ranks) {
        hosts.computeIfAbsent(facts.versions().getOrDefault(name, "?"), _ -> new LinkedHashSet<>()).add(facts.host());
      }
      findings.add(version("same " + name, hosts, MUST_BE_EQUAL.contains(name)));
    }
    return findings;
  }

  private static Finding version(String subject, Map<String, Set<String>> hosts, boolean must) {
    if (hosts.size() == 1) {
      return Finding.fine(subject, hosts.keySet().iterator().next());
    }
    String found =
        hosts.entrySet().stream()
            .map(e -> e.getKey() + " on " + String.join(", ", e.getValue()))
            .collect(Collectors.joining("; "));
    return must
        ? Finding.wrong(subject, found, "install one and the same on all: ranks would not compute the same")
        : Finding.warning(subject, found, "as equal as can be: all ranks wait for the slowest");
  }

  /**
   * The largest difference of two machines' clocks.
   *
   * @param skews of every two machines, by the first rank of each
   */
  Finding clocks(List<ClockSkew> skews) {
    String subject = "clocks";
    if (skews.isEmpty()) {
      return Finding.fine(subject, "one machine, one clock");
    }
    ClockSkew worst = skews.getFirst();
    for (ClockSkew skew : skews) {
      if (!skew.isSteady()) {
        String set = pair(skew) + ": one was set while they were compared";
        return Finding.warning(subject, set, "once more, when that is over");
      }
      worst = skew.leastMillis() > worst.leastMillis() || larger(skew, worst) ? skew : worst;
    }
    boolean ahead = worst.millis() >= 0;
    String found =
        String.format(
            Locale.ROOT,
            "%s is ahead of %s by %.3f ms, give or take %.3f ms",
            host(ahead ? worst.a() : worst.b()),
            host(ahead ? worst.b() : worst.a()),
            Math.abs(worst.millis()),
            worst.uncertaintyMillis());
    found += hosts().size() > 2 ? ", more than any other two of " + hosts().size() : "";
    return worst.leastMillis() > LARGE_MILLIS
        ? Finding.warning(subject, found, "install chrony on all: times of their logs and files do not compare")
        : Finding.fine(subject, found);
  }

  private static boolean larger(ClockSkew skew, ClockSkew than) {
    return skew.leastMillis() == than.leastMillis() && Math.abs(skew.millis()) > Math.abs(than.millis());
  }

  private String pair(ClockSkew skew) {
    return host(skew.a()) + " and " + host(skew.b());
  }

  private String host(int rank) {
    return ranks.get(rank).host();
  }
}
