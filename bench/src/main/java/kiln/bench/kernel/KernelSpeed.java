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
import kiln.model.op.Affine;
import kiln.model.op.Geglu;
import kiln.model.op.GroupNorm;
import kiln.model.op.LayerNorm;
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

  /**
   * A selection.
   *
   * @param large in sizes of Stable Diffusion 2's UNet on several pictures, which keep a GPU busy; else small ones
   */
  public static List<KernelSpeed> of(boolean large) {
    if (!large) {
      return List.of(of(KernelCase.CONV64), of(KernelCase.LINEAR), of(KernelCase.COPY), of(KernelCase.GROUP_NORM_SILU));
    }
    DType bf16 = DType.BF16;
    return List.of(
        new KernelSpeed("product bf16 8192", KernelShape.linear(bf16, 8192, 8192, 8192)),
        new KernelSpeed("product f32 4096", KernelShape.linear(DType.F32, 4096, 4096, 4096)),
        new KernelSpeed("conv bf16 320", KernelShape.conv(bf16, 16, 64, 320, 320)),
        new KernelSpeed("conv bf16 320, input gradient", KernelShape.convInputGrad(bf16, 16, 64, 320, 320)),
        new KernelSpeed("conv bf16 320, weight gradient", KernelShape.convWeightGrad(bf16, 16, 64, 320, 320)),
        new KernelSpeed("conv bf16 1280", KernelShape.conv(bf16, 16, 16, 1280, 1280)),
        new KernelSpeed("attention bf16 4096", KernelShape.attention(bf16, 8, 4096, 4096, 5, 64)),
        new KernelSpeed("attention bf16 4096, gradient", KernelShape.attentionGrad(bf16, 8, 4096, 4096, 5, 64)),
        new KernelSpeed("copy bf16", KernelShape.of(new Affine(1, 0), KernelShape.map(bf16, 64, 64, 320))),
        new KernelSpeed(
            "group norm + SiLU bf16",
            KernelShape.of(
                new GroupNorm(32, 1e-5f, true), KernelShape.map(bf16, 16, 64, 320), KernelShape.f32(320), KernelShape.f32(320))),
        new KernelSpeed(
            "layer norm f32",
            KernelShape.of(new LayerNorm(1e-5f), KernelShape.f32(65536, 320), KernelShape.f32(320), KernelShape.f32(320))),
        new KernelSpeed("GEGLU f32", KernelShape.of(new Geglu(), KernelShape.f32(65536, 2560))));
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
