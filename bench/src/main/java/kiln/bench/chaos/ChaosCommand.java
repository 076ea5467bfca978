package kiln.bench.chaos;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kiln bench chaos}. */
@Command(
    name = "chaos",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    showDefaultValues = true,
    description = {
      "Injects real faults into real runs of two ranks (preset tiny), goes on with each run, and compares all tensors of its last"
          + " checkpoint, its record and its log with those of a run that nobody disturbed: every bit must be the same.",
      "",
      "kill: kill -9 of a rank or the supervisor, at a random instant or inside a save. disk: full, or read-only of a sudden."
          + " permission: chmod of the checkpoints' folder. damage: flipped bits, truncated and removed files, a lost pointer."
          + " stop: SIGSTOP. slow: a slow disk, and one that stands still. What takes root is skipped without it. Exits with 1 if"
          + " a fault was not survived; the run's folder stays then.",
      ""
    })
public final class ChaosCommand implements Callable<Integer> {
  /** What can be asked for by name. */
  enum Group {
    kill,
    disk,
    permission,
    damage,
    stop,
    slow
  }

  private static final int STEPS = 100;
  private static final int SAVE_EVERY = 5;
  private static final RunCase PLAIN = new RunCase("2 ranks", false, STEPS, SAVE_EVERY, List.of());
  private static final RunCase SHARDED =
      new RunCase("2 ranks, --shard parameters", false, STEPS, SAVE_EVERY, List.of("--shard", "parameters"));
  private static final RunCase OFTEN = PLAIN.savingEvery(2);
  private static final RunCase MPI = new RunCase("2 ranks of mpirun", true, STEPS, SAVE_EVERY, List.of());

  /** For faults that each need a run of their own. */
  private static final RunCase SHORT = new RunCase("2 ranks", false, 60, 10, List.of());

  private static final RunCase SHORT_SHARDED =
      new RunCase("2 ranks, --shard parameters", false, 60, 10, List.of("--shard", "parameters"));

  @Option(names = "--kills", paramLabel = "N", defaultValue = "200", description = "Kills in all.")
  private int kills;

  @Option(names = "--times", paramLabel = "N", defaultValue = "5", description = "Times of each other fault.")
  private int times;

  @Option(
      names = "--faults",
      paramLabel = "KIND",
      split = ",",
      description = "Of ${COMPLETION-CANDIDATES}.",
      defaultValue = "kill,disk,permission,damage,stop,slow")
  private List<Group> groups;

  @Option(names = "--seed", paramLabel = "N", description = "Of instants, victims and bits; drawn if not given.")
  private Long seed;

  @Option(names = "--work", paramLabel = "DIR", defaultValue = "${sys:java.io.tmpdir}", description = "Where runs are made.")
  private Path work;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the table there too.")
  private Path json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (kills < 1 || times < 1) {
      throw new ParameterException(spec.commandLine(), "options --kills, --times: expected at least 1");
    }
    PrintStream out = System.out;
    long drawn = seed == null ? new Random().nextInt(1_000_000) : seed;
    out.println("seed " + drawn);
    RandomGenerator random = new SplittableRandom(drawn);
    ChaosTable table = new ChaosTable();
    try (Workbench bench = Workbench.open(work)) {
      if (groups.contains(Group.kill)) {
        kill(bench, random, table, out);
      }
      for (Fault fault : faults(bench)) {
        table.add(FaultCampaign.run(bench, fault, times, random, out));
      }
    } finally {
      table.print(out);
      if (json != null) {
        table.write(json, drawn);
      }
    }
    return table.isClean() ? 0 : 1;
  }

  private void kill(Workbench bench, RandomGenerator random, ChaosTable table, PrintStream out) throws IOException {
    boolean mpi = Workbench.hasMpi();
    List<RunCase> cases = mpi ? List.of(PLAIN, SHARDED, OFTEN, MPI) : List.of(PLAIN, SHARDED, OFTEN);
    int[] weights = Arrays.copyOf(new int[] {7, 6, 5, 2}, cases.size());
    int all = Arrays.stream(weights).sum();
    int given = 0;
    int sum = 0;
    for (int i = 0; i < cases.size(); i++) {
      sum += weights[i];
      int count = kills * sum / all - given;
      given += count;
      if (count > 0) {
        table.add(new KillCampaign(bench, random, out).run(cases.get(i), count));
      }
    }
    if (!mpi) {
      out.println("SKIPPED kill under mpirun: no mpirun with Java bindings (./kiln setup mpi)");
    }
  }

  private List<Fault> faults(Workbench bench) throws IOException {
    List<Fault> faults = new ArrayList<>();
    if (groups.contains(Group.disk)) {
      faults.addAll(DiskFaults.all(SHORT));
    }
    if (groups.contains(Group.permission)) {
      faults.add(new LostPermission(SHORT));
    }
    if (groups.contains(Group.damage)) {
      List<InterruptedRun> runs = List.of(InterruptedRun.make(bench, SHORT), InterruptedRun.make(bench, SHORT_SHARDED));
      for (Damage damage : Damage.values()) {
        faults.add(new DamagedFile(runs, damage));
      }
      faults.add(new LostPointer(runs));
    }
    if (groups.contains(Group.stop)) {
      faults.addAll(StoppedRank.all(SHORT));
    }
    if (groups.contains(Group.slow)) {
      faults.addAll(SlowDisk.all(SHORT));
    }
    return faults;
  }
}
