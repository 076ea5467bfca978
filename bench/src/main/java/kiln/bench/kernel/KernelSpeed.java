package kiln.bench.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import kiln.bindings.Region;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.Value;
import kiln.model.plan.Backend;
import kiln.model.plan.Plan;
import kiln.model.plan.PlanBuilder;

/** The time of one operation on any backend, with inputs and outputs where the backend's tensors lie. */
public final class KernelSpeed {
  private static final int FEWEST = 3;
  private static final long NANOS = 200_000_000;
  private static final double GIGA = 1e9;
  private static final double MICRO = 1e-6;
  private static final long ALIGNMENT = 256;

  private final String name;
  private final KernelShape shape;

  private KernelSpeed(String name, KernelShape shape) {
    this.name = name;
    this.shape = shape;
  }

  /** A selection of small ones. */
  public static List<KernelSpeed> small() {
    return List.of(of(KernelCase.CONV64), of(KernelCase.LINEAR), of(KernelCase.COPY), of(KernelCase.GROUP_NORM_SILU));
  }

  private static KernelSpeed of(KernelCase c) {
    return new KernelSpeed(c.name().toLowerCase(Locale.ROOT), c.shape());
  }

  public String name() {
    return name;
  }

  /** Runs it again and again: the median time, and what is multiplied or moved in it. */
  public String measure(Backend backend) {
    Graph graph = new Graph();
    List<Value> outputs = shape.trace(graph);
    List<Value> inputs = graph.values().stream().filter(Value::isInput).toList();
    long bytes = 0;
    for (List<Value> values : List.of(inputs, outputs)) {
      for (Value value : values) {
        bytes += room(value);
      }
    }
    try (Region region = backend.memory().allocate("tensors", bytes)) {
      PlanBuilder builder = new PlanBuilder(graph, backend);
      long at = 0;
      for (List<Value> values : List.of(inputs, outputs)) {
        for (Value value : values) {
          MemorySegment place = region.segment().asSlice(at, value.type().bytes());
          builder.bind(value, place);
          if (value.isInput()) {
            fill(backend, place, value.type().dtype() == DType.BF16);
          }
          at += room(value);
        }
      }
      try (Plan plan = builder.build()) {
        return time(plan);
      }
    }
  }

  private static long room(Value value) {
    return (value.type().bytes() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  private static void fill(Backend backend, MemorySegment place, boolean narrow) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment here = arena.allocate(place.byteSize(), ALIGNMENT);
      Values.fill(here, narrow);
      backend.memory().copy(here, place);
    }
  }

  private String time(Plan plan) {
    for (int i = 0; i < FEWEST; i++) {
      plan.run();
    }
    long start = System.nanoTime();
    double[] times = new double[10_000];
    int n = 0;
    while (n < times.length && (n < FEWEST || System.nanoTime() - start < NANOS)) {
      long begin = System.nanoTime();
      plan.run();
      times[n++] = System.nanoTime() - begin;
    }
    Arrays.sort(times, 0, n);
    double seconds = times[n / 2] * 1e-9;
    String rate = shape.flops() > 0 ? "GFLOP/s" : "GB/s";
    return String.format(
        Locale.ROOT, "%.1f µs, %,.0f %s, median of %d", seconds / MICRO, KernelCase.work(shape) / seconds / GIGA, rate, n);
  }
}
