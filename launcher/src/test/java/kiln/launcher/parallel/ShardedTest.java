package kiln.launcher.parallel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import kiln.collectives.Communicator;
import kiln.collectives.local.LocalCommunicator;
import kiln.model.graph.DType;
import kiln.model.graph.Initializer;
import kiln.model.graph.Parameter;
import kiln.model.graph.Shape;
import kiln.model.optim.AdamW;
import kiln.model.optim.Ema;
import kiln.model.plan.ParameterTable;
import kiln.model.plan.Residency;
import kiln.model.train.GradientSink;
import kiln.model.train.StatePart;
import kiln.model.train.TrainingState;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ranks that are threads take steps with gradients that the test makes up; all of them have what one rank alone would have. */
class ShardedTest {
  private static final int STEPS = 3;
  private static final int MICRO_BATCHES = 2;
  private static final long BUCKET_BYTES = 600_000;
  private static final Ema EMA = Ema.constant(0.9);

  /** Sizes that neither ranks nor pages divide; the small ones leave some ranks nothing of a bucket of their own. */
  private static final int[] ELEMENTS = {100_003, 3, 70_001, 1, 149_999, 200_017};

  private static ParameterTable table() {
    List<Parameter> parameters = new ArrayList<>();
    for (int elements : ELEMENTS) {
      String name = "p" + parameters.size();
      parameters.add(new Parameter(name, Shape.of(elements), new Initializer.Normal(1)));
    }
    return new ParameterTable(parameters);
  }

  @ParameterizedTest
  @CsvSource({
    "OPTIMIZER, 1, 1", "OPTIMIZER, 3, 3", "GRADIENTS, 2, 2", "GRADIENTS, 4, 2", "PARAMETERS, 3, 3", "PARAMETERS, 4, 4",
    "PARAMETERS, 4, 2"
  })
  void shouldComputeAsOneRankAndKeepTheShareOnly(ShardMode mode, int ranks, int group)
      throws InterruptedException, ExecutionException {
    Path file = LocalCommunicator.newFile();
    try (ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().daemon().factory());
        TrainingState expected = alone(ranks)) {
      List<Future<?>> futures = new ArrayList<>();
      for (int i = 0; i < ranks; i++) {
        int rank = i;
        futures.add(threads.submit(() -> run(file, mode, rank, ranks, group, expected)));
      }
      for (Future<?> future : futures) {
        future.get();
      }
    }
  }

  private static float gradient(int rank, int step, int microBatch, long index) {
    return (float) Math.sin(index * 0.01 + rank + 10 * step + 100 * microBatch);
  }

  /** One rank that is given the average of all ranks' gradients. */
  private static TrainingState alone(int ranks) {
    TrainingState state = new TrainingState(table(), true, DType.F32, null);
    state.initialize(7);
    for (int step = 1; step <= STEPS; step++) {
      for (ParameterTable.Entry entry : state.table().entries()) {
        MemorySegment slice = entry.slice(state.gradients());
        for (long i = 0; i < entry.bytes() / Float.BYTES; i++) {
          double sum = 0;
          for (int rank = 0; rank < ranks; rank++) {
            for (int micro = 0; micro < MICRO_BATCHES; micro++) {
              sum += gradient(rank, step, micro, i);
            }
          }
          slice.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (sum / ranks));
        }
      }
      AdamW.standard().step(state.regions(), EMA, step, 1e-3, 0.5);
    }
    return state;
  }

  private static Void run(Path file, ShardMode mode, int rank, int ranks, int group, TrainingState expected)
      throws IOException {
    ParameterTable table = table();
    ShardLayout layout = ShardLayout.of(mode, table, BUCKET_BYTES, rank % group, group);
    try (Communicator all = LocalCommunicator.join(file, rank, ranks, Duration.ofSeconds(30));
        TrainingState state = new TrainingState(table, true, DType.F32, layout.share());
        GradientLink link =
            GradientLink.open(all, new GradientOptions(BUCKET_BYTES, WireType.FLOAT32, true), state.gradients());
        Sharded parallel = new Sharded(all, link, layout, state, MICRO_BATCHES)) {
      state.initialize(7);
      for (int step = 1; step <= STEPS; step++) {
        backward(parallel, state, rank, step);
        parallel.await();
        double norm = parallel.gradientNorm();
        assertTrue(norm > 0 && Double.isFinite(norm), "norm=" + norm);
        parallel.update(AdamW.standard(), EMA, step, 1e-3, 0.5);
      }
      checkMemory(layout, state);
      checkResidency(parallel, state, expected);
      for (StatePart part : StatePart.values()) {
        Boolean same = parallel.whole(part, () -> isNear(expected.region(part).segment(), state.region(part).segment()));
        assertEquals(rank == 0 ? true : null, same, part::toString);
      }
      checkMemory(layout, state);
    }
    return null;
  }

  private static void backward(Sharded parallel, TrainingState state, int rank, int step) {
    GradientSink sink = parallel.begin();
    boolean separately = parallel.division().separately();
    for (int micro = 0; micro < MICRO_BATCHES; micro++) {
      for (ParameterTable.Entry entry : state.table().entries().reversed()) {
        MemorySegment slice = entry.slice(state.gradients());
        for (long i = 0; i < entry.bytes() / Float.BYTES; i++) {
          float before = separately || micro == 0 ? 0 : slice.getAtIndex(ValueLayout.JAVA_FLOAT, i);
          slice.setAtIndex(ValueLayout.JAVA_FLOAT, i, before + gradient(rank, step, micro, i));
        }
        if (separately || micro == MICRO_BATCHES - 1) {
          sink.gradientReady(entry.index());
        }
      }
      if (separately) {
        sink.microBatchEnded();
      }
    }
  }

  /** What is there is what explain says, but for pages that hold the ends of shares. */
  private static void checkMemory(ShardLayout layout, TrainingState state) {
    long edges = 4 * ResidentPages.PAGE * layout.buckets().buckets().size();
    for (StatePart part : StatePart.values()) {
      long resident = ResidentPages.bytes(state.region(part).segment());
      long kept = state.kept(part).bytes();
      assertTrue(resident <= kept + edges, () -> part + ": resident=" + resident + ", kept=" + kept);
    }
    if (layout.mode().dividesGradients()) {
      long resident = ResidentPages.bytes(state.gradients());
      assertTrue(resident <= edges, () -> "gradients: resident=" + resident); // the shares' sums are elsewhere
    }
  }

  /** Weights are there while a plan visits them: here in the order of forward and backward. */
  private static void checkResidency(Sharded parallel, TrainingState state, TrainingState expected) {
    Residency residency = parallel.residency(StatePart.WEIGHTS);
    if (residency == null) {
      assertTrue(isNear(expected.weights(), state.weights()));
      return;
    }
    List<ParameterTable.Entry> entries = new ArrayList<>(state.table().entries());
    entries.addAll(entries.reversed());
    List<Residency.Visit> visits = new ArrayList<>();
    for (int i = 0; i < entries.size(); i++) {
      int group = residency.group(entries.get(i).index());
      if (!visits.isEmpty() && visits.getLast().group() == group) {
        visits.set(visits.size() - 1, new Residency.Visit(group, visits.getLast().first(), i));
      } else {
        visits.add(new Residency.Visit(group, i, i));
      }
    }
    Residency.Visitor visitor = residency.plan(visits);
    for (int visit = 0; visit < visits.size(); visit++) {
      visitor.enter(visit);
      for (int i = visits.get(visit).first(); i <= visits.get(visit).last(); i++) {
        assertTrue(isNear(entries.get(i).slice(expected.weights()), entries.get(i).slice(state.weights())));
      }
      visitor.leave(visit);
    }
  }

  private static boolean isNear(MemorySegment expected, MemorySegment actual) {
    for (long i = 0; i < expected.byteSize() / Float.BYTES; i++) {
      float e = expected.getAtIndex(ValueLayout.JAVA_FLOAT, i);
      if (Math.abs(e - actual.getAtIndex(ValueLayout.JAVA_FLOAT, i)) > 1e-5f + 1e-4f * Math.abs(e)) {
        return false;
      }
    }
    return true;
  }
}
