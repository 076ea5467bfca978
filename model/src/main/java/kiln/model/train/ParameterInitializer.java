package kiln.model.train;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;
import kiln.bindings.RandomKernels;
import kiln.model.graph.Initializer;
import kiln.model.graph.Parameter;
import kiln.model.plan.ParameterTable;
import kiln.model.random.Philox;
import kiln.model.random.Stream;

/**
 * Start values that depend on the seed and each parameter's name only, not on the other parameters or their order: the random
 * numbers of stream {@link Stream#INIT}, step 0, sample {@link Philox#sampleOf} the name.
 */
public final class ParameterInitializer {
  private ParameterInitializer() {}

  public static void initialize(ParameterTable table, MemorySegment values, long seed) {
    initialize(table, values, seed, entry -> {});
  }

  /** The same; tells {@code done} of each parameter that has its values. */
  public static void initialize(
      ParameterTable table, MemorySegment values, long seed, Consumer<ParameterTable.Entry> done) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment sample = arena.allocate(ValueLayout.JAVA_LONG);
      for (ParameterTable.Entry entry : table.entries()) {
        sample.set(ValueLayout.JAVA_LONG, 0, Philox.sampleOf(entry.parameter().name()));
        fill(entry.parameter(), entry.slice(values), sample, seed);
        done.accept(entry);
      }
    }
  }

  private static void fill(Parameter parameter, MemorySegment values, MemorySegment sample, long seed) {
    switch (parameter.initializer()) {
      case Initializer.Constant(float value) -> affine(values, 0, value);
      case Initializer.Uniform(float bound) -> {
        RandomKernels.uniform(values, sample, seed, Stream.INIT.ordinal(), 0);
        affine(values, 2 * bound, -bound);
      }
      case Initializer.Normal(float standardDeviation) -> {
        RandomKernels.normal(values, sample, seed, Stream.INIT.ordinal(), 0);
        affine(values, standardDeviation, 0);
      }
    }
  }

  /** Once per run, so plain Java will do. */
  private static void affine(MemorySegment values, float scale, float shift) {
    long elements = values.byteSize() / Float.BYTES;
    for (long i = 0; i < elements; i++) {
      float value = values.getAtIndex(ValueLayout.JAVA_FLOAT, i);
      values.setAtIndex(ValueLayout.JAVA_FLOAT, i, scale == 0 ? shift : scale * value + shift);
    }
  }
}
