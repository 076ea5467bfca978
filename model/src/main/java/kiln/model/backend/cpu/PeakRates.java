package kiln.model.backend.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import kiln.bindings.Onednn;
import kiln.bindings.OnednnEngine;
import kiln.bindings.OnednnMemoryDescriptor;
import kiln.bindings.OnednnPrimitiveDescriptor;
import kiln.bindings.OnednnType;
import kiln.bindings.Region;
import kiln.model.backend.cpu.DnnlLaunch.Argument;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.op.Affine;
import kiln.model.plan.Buffer;
import kiln.model.plan.Plan;
import kiln.model.plan.PlanBuilder;

/** What this machine can do at best, measured on the threads that kernels use: the fastest of many short runs. */
public final class PeakRates {
  private static final int PRODUCT = 2048;
  private static final int COPIED = 32 << 20; // floats, far more than caches hold
  private static final double SECONDS = 0.6;
  private static final int LEAST_RUNS = 5;

  private PeakRates() {}

  /**
   * Floating-point operations per second of oneDNN's product of two square matrices of 2048 rows, in the layouts that it likes
   * best.
   *
   * @param type of the factors and of the product
   */
  public static double product(DType type) {
    OnednnType element = type == DType.BF16 ? OnednnType.BF16 : OnednnType.F32;
    List<Region> regions = new ArrayList<>();
    try (OnednnEngine engine = new OnednnEngine();
        var src = OnednnMemoryDescriptor.any(element, PRODUCT, PRODUCT);
        var weights = OnednnMemoryDescriptor.any(element, PRODUCT, PRODUCT);
        var dst = OnednnMemoryDescriptor.any(element, PRODUCT, PRODUCT);
        var descriptor = OnednnPrimitiveDescriptor.matmul(engine, src, weights, null, dst, 1)) {
      List<Argument> arguments = new ArrayList<>();
      for (int role : new int[] {Onednn.ARG_SRC, Onednn.ARG_WEIGHTS, Onednn.ARG_DST}) {
        try (var layout = descriptor.argument(role)) {
          arguments.add(new Argument(role, ones(layout.bytes(), regions)));
        }
      }
      long scratchBytes = descriptor.scratchBytes();
      Buffer scratch = scratchBytes == 0 ? null : ones(scratchBytes, regions);
      try (var launch = new DnnlLaunch(descriptor, scratch, arguments.toArray(Argument[]::new))) {
        return 2.0 * PRODUCT * PRODUCT * PRODUCT / fastest(launch::run);
      }
    } finally {
      regions.forEach(Region::close);
    }
  }

  /** Bytes per second, read plus written, of a copy in memory. */
  public static double copy() {
    Graph graph = new Graph();
    Value x = graph.input("x", TensorType.f32(COPIED));
    Value y = graph.apply(new Affine(1, 0), x);
    try (CpuBackend backend = new CpuBackend();
        Plan plan = new PlanBuilder(graph, backend).output(y).build()) {
      plan.buffer(x).segment().fill((byte) 1); // memory that was never written is one page of zeros in the cache
      return 2.0 * COPIED * Float.BYTES / fastest(plan::run);
    }
  }

  /** Ones in float32; read as bfloat16, every second number is one and the others are zero. */
  private static Buffer ones(long bytes, List<Region> regions) {
    Region region = Region.allocate("product", bytes);
    regions.add(region);
    MemorySegment segment = region.segment();
    for (long i = 0; i < bytes / Float.BYTES; i++) {
      segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, 1);
    }
    return new Buffer(new TensorType(DType.U8, Shape.of(Math.toIntExact(bytes))), segment);
  }

  /** Seconds. */
  private static double fastest(Runnable work) {
    work.run();
    long begin = System.nanoTime();
    long best = Long.MAX_VALUE;
    for (int i = 0; i < LEAST_RUNS || System.nanoTime() - begin < SECONDS * 1e9; i++) {
      long start = System.nanoTime();
      work.run();
      best = Math.min(best, System.nanoTime() - start);
    }
    return best * 1e-9;
  }
}
