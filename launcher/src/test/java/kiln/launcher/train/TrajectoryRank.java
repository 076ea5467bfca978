package kiln.launcher.train;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import kiln.collectives.Communicator;
import kiln.collectives.ElementType;
import kiln.collectives.GradientBuckets;
import kiln.collectives.Reduction;
import kiln.collectives.local.LocalCommunicator;
import kiln.model.backend.cpu.CpuBackend;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterTable;
import kiln.model.train.GradientExchange;
import kiln.model.train.GradientSink;
import kiln.model.train.TrainingState;
import kiln.model.train.TrajectoryRun;

/** One rank of the golden trajectory, as a process: every rank compares all that it has with the reference values. */
final class TrajectoryRank {
  /** Small, so that there are many of them, and most travel while backward goes on. */
  private static final long BUCKET_BYTES = 64 << 10;

  private TrajectoryRank() {}

  /**
   * @param arguments file to meet by, rank, number of ranks, micro-batches
   */
  public static void main(String[] arguments) {
    int rank = Integer.parseInt(arguments[1]);
    int size = Integer.parseInt(arguments[2]);
    try (Backend backend = new CpuBackend();
        Communicator communicator = LocalCommunicator.join(Path.of(arguments[0]), rank, size, Duration.ofMinutes(2));
        TrajectoryRun run =
            new TrajectoryRun(
                backend, rank, size, Integer.parseInt(arguments[3]), state -> new Exchange(communicator, state))) {
      run.check();
    }
    System.out.println("rank " + rank + " agrees");
  }

  /** The launcher's way of joining ranks: gradients in buckets, the loss by itself. */
  private static final class Exchange implements GradientExchange {
    private final Communicator communicator;
    private final GradientBuckets buckets;
    private final MemorySegment number = Arena.ofAuto().allocate(ValueLayout.JAVA_FLOAT);

    Exchange(Communicator communicator, TrainingState state) {
      this.communicator = communicator;
      ParameterTable table = state.table();
      long[] offsets = table.entries().stream().mapToLong(ParameterTable.Entry::offset).toArray();
      long[] bytes = table.entries().stream().mapToLong(ParameterTable.Entry::bytes).toArray();
      buckets = new GradientBuckets(communicator, state.gradientRegion(), offsets, bytes, BUCKET_BYTES);
    }

    @Override
    public GradientSink sink() {
      return buckets::ready;
    }

    @Override
    public void await() {
      buckets.await();
      buckets.reset();
    }

    @Override
    public double average(double value) {
      number.set(ValueLayout.JAVA_FLOAT, 0, (float) value);
      communicator.allReduce(number, ElementType.F32, Reduction.AVERAGE);
      return number.get(ValueLayout.JAVA_FLOAT, 0);
    }
  }
}
