package kiln.bench.collectives;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import kiln.collectives.Communicator;
import kiln.collectives.ElementType;
import kiln.collectives.Reduction;
import kiln.collectives.local.LocalCommunicator;
import kiln.collectives.mpi.MpiCommunicator;
import org.openjdk.jmh.runner.RunnerException;

/**
 * One rank of Kiln's side. Reads lines {@code transport type bytes times} until another one comes, does so many all-reduces, and
 * rank 0 prints {@code time SECONDS}, that of one of them on the slowest rank. Waiting for a line costs no processor.
 *
 * <p>Arguments: the file of transport local; the folder in which every rank has a pipe named by its number; rank and number of
 * ranks, unless mpirun has started this.
 */
public final class CollectivesRank {
  private static final Duration JOIN = Duration.ofSeconds(60);

  private CollectivesRank() {}

  public static void main(String[] args) throws IOException, RunnerException {
    boolean mpi = args.length == 2;
    try (Communicator world = mpi ? MpiCommunicator.world() : null;
        Communicator local =
            LocalCommunicator.join(
                Path.of(args[0]),
                mpi ? world.rank() : Integer.parseInt(args[2]),
                mpi ? world.size() : Integer.parseInt(args[3]),
                JOIN)) {
      AllReduceCase.COMMUNICATORS.put("local", local);
      if (mpi) {
        AllReduceCase.COMMUNICATORS.put("mpi", world);
      }
      try (BufferedReader commands = Files.newBufferedReader(Path.of(args[1], Integer.toString(local.rank())))) {
        for (String line = commands.readLine(); line != null && line.contains(" "); line = commands.readLine()) {
          measure(line.split(" "), local);
        }
      }
    }
  }

  private static void measure(String[] command, Communicator ranks) throws RunnerException {
    ElementType type = ElementType.valueOf(command[1]);
    double mine = AllReduceCase.seconds(command[0], type, Long.parseLong(command[2]), Integer.parseInt(command[3]));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment picoseconds = arena.allocate(JAVA_LONG);
      picoseconds.set(JAVA_LONG, 0, Math.round(mine * 1e12));
      ranks.allReduce(picoseconds, ElementType.I64, Reduction.MAX);
      if (ranks.rank() == 0) {
        System.out.println("time " + picoseconds.get(JAVA_LONG, 0) / 1e12);
      }
    }
  }
}
