package kiln.bench.collectives;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import kiln.bindings.JavaCommand;
import kiln.collectives.local.LocalCommunicator;
import kiln.collectives.mpi.OpenMpiInstallation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kiln bench collectives}. */
@Command(
    name = "collectives",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "All-reduces over Kiln's transports and by MPI in C, in turns: latency, bandwidth, ratio.",
      "",
      "The ranks are processes of this machine, one thread each, bound to cores if there are enough. Kiln's sides run under JMH;"
          + " the C program (bench/peers/allreduce.c) is compiled with mpicc. What is missing is said and left out.",
      ""
    })
public final class CollectivesCommand implements Callable<Integer> {
  @Option(names = "--ranks", paramLabel = "N", defaultValue = "2", description = "Default: ${DEFAULT-VALUE}.")
  private int ranks;

  @Option(
      names = "--sizes",
      paramLabel = "BYTES",
      split = ",",
      defaultValue = "8,64,512,4096,32768,262144,2097152,16777216,67108864,268435456",
      description = "Multiples of 8, comma-separated. Default: ${DEFAULT-VALUE}.")
  private List<Long> sizes;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "9",
      description = "Turns of each side, of 64 MiB or 50,000 all-reduces, after some that do not count. Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--sides",
      paramLabel = "SIDE",
      split = ",",
      description = "Only these of ${COMPLETION-CANDIDATES}, comma-separated. Default: all.")
  private List<Side> sides = List.of(Side.values());

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    require(ranks >= 1, "--ranks", "at least 1", ranks);
    require(rounds >= 1, "--rounds", "at least 1", rounds);
    for (long size : sizes) {
      require(size > 0 && size % 8 == 0 && size <= 1L << 32, "--sizes", "multiples of 8 up to 4 GiB", size);
    }
    PrintStream out = System.out;
    boolean mpi = OpenMpiInstallation.find(System.getenv()).isPresent();
    if (!mpi) {
      out.println("left out: transport mpi, for want of Open MPI's Java bindings (./kiln setup mpi)");
    }
    Map<Side, RankJob> jobs = new EnumMap<>(Side.class);
    try (PeerProgram peer = new PeerProgram();
        RankJob kiln = new RankJob("Kiln's ranks", ranks, mpi ? this::mpirun : this::processes, kilnRank())) {
      Optional<Path> program = peer.compile(out);
      try (RankJob multiple = peer(program, "multiple");
          RankJob single = peer(program, "single")) {
        for (Side side : sides) {
          RankJob job = side == Side.C ? multiple : side == Side.C_SINGLE ? single : kiln;
          if (job != null && (mpi || !side.needsMpi())) {
            jobs.put(side, job);
          }
        }
        out.println("ranks: " + ranks + ", rounds: " + rounds);
        new CollectivesBenchmark(jobs, ranks, rounds, out).run(sizes);
      }
    }
    return 0;
  }

  private RankJob peer(Optional<Path> program, String threads) throws IOException {
    return program.isEmpty()
        ? null
        : new RankJob("the C program", ranks, this::mpirun, List.of(program.get().toString(), threads));
  }

  private void require(boolean fits, String option, String expected, long found) {
    if (!fits) {
      throw new ParameterException(spec.commandLine(), "option " + option + ": expected " + expected + ", found " + found);
    }
  }

  private List<List<String>> mpirun(List<String> program) {
    List<String> command = new ArrayList<>(List.of("mpirun", "-np", Integer.toString(ranks)));
    boolean enough = ranks <= Runtime.getRuntime().availableProcessors();
    command.addAll(enough ? List.of("--bind-to", "core") : List.of("--bind-to", "none", "--oversubscribe"));
    command.addAll(program);
    return List.of(command);
  }

  private List<List<String>> processes(List<String> program) {
    List<List<String>> commands = new ArrayList<>();
    for (int i = 0; i < ranks; i++) {
      List<String> command = new ArrayList<>(program);
      command.addAll(List.of(Integer.toString(i), Integer.toString(ranks)));
      commands.add(command);
    }
    return commands;
  }

  private static List<String> kilnRank() {
    return JavaCommand.of(CollectivesRank.class, List.of("-XX:+UseSerialGC"), List.of(LocalCommunicator.newFile().toString()));
  }
}
