package kiln.model.backend.cuda;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kiln.bindings.cuda.CublasLtMatmul;
import kiln.bindings.cuda.CublasLtProduct;
import kiln.bindings.cuda.CudaEvent;
import kiln.bindings.cuda.CudnnExecution;
import kiln.bindings.cuda.CudnnGraph;
import kiln.bindings.cuda.CudnnPlan;
import kiln.bindings.cuda.DeviceMemory;
import kiln.bindings.cuda.DeviceOutOfMemoryException;
import kiln.bindings.cuda.DeviceRegion;

/** Measures several ways of computing the same and takes the fastest. */
final class Fastest {
  /** Plans of a graph that are tried. */
  static final int CANDIDATES = 6;

  private static final int ROUNDS = 3;
  private static final int RUNS_PER_ROUND = 4;

  /** A way that the library likes less has to be faster by so much: less is chance, and would differ from process to process. */
  private static final double WORTHWHILE = 0.97;

  /** How many times as long as another way one has to take not to be measured any further. */
  private static final double HOPELESS = 1.3;

  private static final long ALIGNMENT = 256;

  /** Bytes that numbers are made of while plans are measured: small ones, as float32 and as bfloat16. */
  private static final byte SMALL = 0x3c;

  private final CudaEngine engine;
  private final Map<CublasLtProduct, Integer> algorithms = new HashMap<>();

  Fastest(CudaEngine engine) {
    this.engine = engine;
  }

  /**
   * The fastest plan. Memory for the graph's tensors is taken meanwhile; where there is not enough, it is the first plan.
   *
   * @param plans at least one
   */
  CudnnPlan plan(CudnnGraph graph, List<CudnnPlan> plans) {
    if (plans.size() == 1) {
      return plans.getFirst();
    }
    long workspace = plans.stream().mapToLong(CudnnPlan::workspaceBytes).max().orElseThrow();
    long bytes = aligned(workspace) + graph.memoryIds().stream().mapToLong(id -> aligned(graph.bytes(id))).sum();
    try (DeviceRegion region = engine.pool().allocate("tensors to measure with", bytes, engine.stream())) {
      engine.stream().fill(region.memory(), SMALL);
      Map<Long, DeviceMemory> memory = new HashMap<>();
      long used = aligned(workspace);
      for (long id : graph.memoryIds()) {
        memory.put(id, region.slice(used, graph.bytes(id)));
        used += aligned(graph.bytes(id));
      }
      int fastest =
          fastest(plans.size(), (way, others) -> {
            try (CudnnExecution execution = new CudnnExecution(plans.get(way), memory, region.slice(0, workspace))) {
              return milliseconds(() -> execution.execute(engine.cudnn()), others);
            }
          });
      return plans.get(fastest);
    } catch (DeviceOutOfMemoryException _) {
      return plans.getFirst();
    } finally {
      engine.stream().synchronize();
      engine.pool().trim(0); // so that a plan's region finds it in one piece
    }
  }

  /** The fastest algorithm of a product that can be run now; known from the first that is equal. */
  int algorithm(CublasLtProduct product, CublasLtMatmul matmul) {
    int known = algorithms.computeIfAbsent(
        product,
        _ -> fastest(matmul.numAlgorithms(), (way, others) -> {
          matmul.choose(way);
          return milliseconds(() -> matmul.run(engine.productWorkspace(), engine.stream()), others);
        }));
    return Math.min(known, matmul.numAlgorithms() - 1); // other addresses may leave fewer
  }

  /** Takes the time of a way. */
  private interface Watch {
    /**
     * @param others the least time of those before
     */
    double milliseconds(int way, double others);
  }

  private static int fastest(int numWays, Watch watch) {
    double[] times = new double[numWays];
    double least = Double.MAX_VALUE;
    for (int way = 0; way < numWays; way++) {
      times[way] = watch.milliseconds(way, least);
      least = Math.min(least, times[way]);
    }
    return best(times);
  }

  /** The first run may load a kernel and does not count. What is hopeless beside the time of others is not run on. */
  private double milliseconds(Runnable work, double others) {
    work.run();
    double least = Double.MAX_VALUE;
    for (int round = 0; round < ROUNDS && (round == 0 || least < HOPELESS * others); round++) {
      try (CudaEvent start = CudaEvent.forTime();
          CudaEvent end = CudaEvent.forTime()) {
        start.record(engine.stream());
        for (int i = 0; i < RUNS_PER_ROUND; i++) {
          work.run();
        }
        end.record(engine.stream());
        end.synchronize();
        least = Math.min(least, end.millisecondsSince(start));
      }
    }
    return least;
  }

  /** The index of the way to take. */
  static int best(double... times) {
    int best = 0;
    for (int i = 1; i < times.length; i++) {
      if (times[i] < WORTHWHILE * times[best]) {
        best = i;
      }
    }
    return best;
  }

  private static long aligned(long bytes) {
    return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
  }
}
