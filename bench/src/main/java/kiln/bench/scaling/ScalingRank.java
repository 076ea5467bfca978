package kiln.bench.scaling;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import kiln.collectives.AllReduceCost;
import kiln.collectives.BucketStatistics;
import kiln.collectives.Communicator;
import kiln.collectives.ElementType;
import kiln.collectives.Reduction;
import kiln.collectives.local.LocalCommunicator;
import kiln.collectives.mpi.MpiCommunicator;
import kiln.launcher.parallel.DataParallel;
import kiln.launcher.parallel.GradientLink;
import kiln.launcher.parallel.Replicated;
import kiln.model.backend.cpu.CpuBackend;
import kiln.model.graph.DType;
import kiln.model.optim.AdamW;
import kiln.model.optim.Ema;
import kiln.model.optim.GlobalNorm;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterTable;
import kiln.model.train.BatchShape;
import kiln.model.train.GradientSink;
import kiln.model.train.MicroBatch;
import kiln.model.train.TrainingState;
import kiln.model.train.TrainingStep;
import tools.jackson.databind.json.JsonMapper;

/** One rank of a measurement: takes training steps as the trainer does; rank 0 prints {@link StepTimes} as JSON. */
final class ScalingRank {
  /** The transport of ranks that mpirun started. */
  static final String MPI = "mpi";

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration JOIN = Duration.ofMinutes(2);
  private static final int UNTIMED = 2;
  private static final double LEARNING_RATE = 1e-5;
  private static final double CLIP = 1;
  private static final double NANO = 1e-9;

  private final ScalingCase c;
  private final Communicator communicator;
  private final TrainingState state;
  private final int numParameters;
  private final long[] readyNanos;
  private final int[] order;
  private int numReady;

  private ScalingRank(ScalingCase c, Communicator communicator, TrainingState state) {
    this.c = c;
    this.communicator = communicator;
    this.state = state;
    this.numParameters = state.table().entries().size();
    this.readyNanos = new long[numParameters];
    this.order = new int[numParameters];
  }

  /** Arguments: the case's file, and {@value #MPI}, or the file to meet by, rank and number of ranks. */
  public static void main(String[] args) throws IOException {
    ScalingCase c = JSON.readValue(Path.of(args[0]), ScalingCase.class);
    UNetObjective objective = new UNetObjective(c.unet(), c.dtype().equals("bfloat16") ? DType.BF16 : DType.F32);
    try (Communicator communicator = join(args);
        TrainingState state = new TrainingState(objective.trained(), false, objective.compute());
        Backend backend = new CpuBackend();
        TrainingStep step = new TrainingStep(objective, state, backend);
        GradientLink link = GradientLink.open(communicator, c.gradients(), state.gradients());
        DataParallel parallel = new Replicated(link, state)) {
      StepTimes times = new ScalingRank(c, communicator, state).measure(step, parallel, link);
      if (communicator.rank() == 0) {
        System.out.println(JSON.writeValueAsString(times));
      }
    }
  }

  private static Communicator join(String[] args) {
    return args[1].equals(MPI)
        ? MpiCommunicator.world()
        : LocalCommunicator.join(Path.of(args[1]), Integer.parseInt(args[2]), Integer.parseInt(args[3]), JOIN);
  }

  private StepTimes measure(TrainingStep step, DataParallel parallel, GradientLink link) {
    state.initialize(0);
    int n = c.steps();
    double[] whole = new double[n];
    double[] computing = new double[n];
    double[] waiting = new double[n];
    double[] communication = new double[n];
    List<MicroBatch> batches = batches();
    try (Arena arena = Arena.ofShared()) {
      MemorySegment totals = arena.allocate(ValueLayout.JAVA_FLOAT, 5); // as many as the trainer exchanges
      for (int i = -UNTIMED; i < n; i++) {
        BucketStatistics before = parallel.statistics();
        if (i <= 0) {
          communicator.barrier();
        }
        long start = System.nanoTime();
        GradientSink sink = parallel.begin();
        numReady = 0;
        step.run(batches, index -> ready(index, sink));
        long computed = System.nanoTime();
        parallel.await();
        long joined = System.nanoTime();
        double norm = parallel.gradientNorm();
        communicator.allReduce(totals, ElementType.F32, Reduction.SUM);
        double scale = GlobalNorm.clipScale(norm, CLIP);
        parallel.update(AdamW.standard(), Ema.growing(0), UNTIMED + i + 1, LEARNING_RATE, scale);
        state.advance(c.microBatches());
        if (i >= 0) {
          whole[i] = (System.nanoTime() - start) * NANO;
          long underWay = parallel.statistics().minus(before).communicationNanos();
          long[] last = ofLast(joined - computed, computed - start, underWay);
          waiting[i] = last[0] * NANO;
          computing[i] = last[1] * NANO;
          communication[i] = last[2] * NANO;
          if (i == n - 1) {
            readyAfter(start);
          }
        }
      }
      communicator.barrier();
    }
    return times(link, whole, computing, waiting, communication);
  }

  /** Collective: the nanoseconds of the rank that waited the least, for nobody but the network, because it came last. */
  private long[] ofLast(long waiting, long computing, long communication) {
    long[] times = {waiting, computing, communication};
    try (Arena call = Arena.ofShared()) {
      MemorySegment all = call.allocate(ValueLayout.JAVA_LONG, (long) times.length * communicator.size());
      MemorySegment mine = row(all, communicator.rank(), times.length);
      MemorySegment.copy(times, 0, mine, ValueLayout.JAVA_LONG, 0, times.length);
      communicator.allGather(mine, all, (long) times.length * communicator.size(), ElementType.I64);
      MemorySegment last = row(all, 0, times.length);
      for (int rank = 1; rank < communicator.size(); rank++) {
        MemorySegment other = row(all, rank, times.length);
        last = other.get(ValueLayout.JAVA_LONG, 0) < last.get(ValueLayout.JAVA_LONG, 0) ? other : last;
      }
      return last.toArray(ValueLayout.JAVA_LONG);
    }
  }

  private static MemorySegment row(MemorySegment all, int rank, long length) {
    return all.asSlice(rank * length * Long.BYTES, length * Long.BYTES);
  }

  private void ready(int index, GradientSink sink) {
    readyNanos[numReady] = System.nanoTime();
    order[numReady++] = index;
    sink.gradientReady(index);
  }

  private void readyAfter(long start) {
    for (int i = 0; i < numParameters; i++) {
      readyNanos[i] -= start;
    }
  }

  private StepTimes times(
      GradientLink link, double[] whole, double[] computing, double[] waiting, double[] communication) {
    AllReduceCost cost = link.cost().orElse(null);
    List<ParameterTable.Entry> entries = state.table().entries();
    long[] bytes = Arrays.stream(order).mapToLong(i -> entries.get(i).bytes()).toArray();
    double[] seconds = Arrays.stream(readyNanos).mapToDouble(t -> (t - readyNanos[0]) * NANO).toArray();
    double step = median(whole);
    double compute = median(computing);
    double wait = median(waiting);
    return new StepTimes(
        step,
        compute,
        wait,
        step - compute - wait,
        median(communication),
        cost == null ? 0 : cost.latencySeconds(),
        cost == null ? 0 : cost.bytesPerSecond(),
        link.bucketBytes(),
        state.table().bytes(),
        readyNanos[0] * NANO,
        seconds,
        bytes);
  }

  private List<MicroBatch> batches() {
    BatchShape shape = new BatchShape(1, c.side(), c.side(), c.tokens());
    MemorySegment none = MemorySegment.NULL;
    MemorySegment id = MemorySegment.ofArray(new long[1]);
    return Collections.nCopies(c.microBatches(), new MicroBatch(shape, none, none, none, id));
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }
}
