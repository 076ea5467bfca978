package kiln.launcher.doctor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kiln.collectives.Communicator;
import kiln.launcher.control.RankInfo;
import kiln.launcher.preset.PresetJson;
import kiln.launcher.transport.Consensus;
import tools.jackson.databind.json.JsonMapper;

/** The doctor as ranks of mpirun or srun: one looks at each machine, and rank 0 compares what they found. */
public final class RankDoctor {
  private static final JsonMapper JSON = PresetJson.MAPPER;

  private final Communicator world;
  private final Path folder;

  public RankDoctor(Communicator world, Path folder) {
    this.world = world;
    this.folder = folder;
  }

  /** Collective. Returns the same on all ranks. */
  public Examination examine() {
    Consensus consensus = new Consensus(world);
    int rank = world.rank();
    List<Integer> first = NodeComparison.firstRanks(consensus.all(RankInfo.here(rank).host()));
    List<Finding> own = first.contains(rank) ? new Doctor(folder).examine() : List.of();
    List<NodeFacts> all =
        consensus.all(JSON.writeValueAsString(NodeFacts.here(rank, Machine.here(), own))).stream()
            .map(text -> JSON.readValue(text, NodeFacts.class))
            .toList();
    NodeComparison comparison = new NodeComparison(all);
    List<Placed> findings = new ArrayList<>(comparison.findings());
    comparison.versions().forEach(finding -> findings.add(new Placed(List.of(), finding)));
    findings.add(new Placed(List.of(), comparison.clocks(ClockSkew.measure(world, first, ClockSkew::now))));
    return new Examination(comparison.hosts(), all.size(), findings);
  }
}
