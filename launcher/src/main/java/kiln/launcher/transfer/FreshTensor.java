package kiln.launcher.transfer;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import kiln.model.graph.Parameter;
import kiln.model.plan.ParameterTable;
import kiln.model.train.ParameterInitializer;
import kiln.model.weights.SafetensorsType;
import kiln.model.weights.SafetensorsWriter.Tensor;
import kiln.model.weights.TensorBytes;

/**
 * The start values of one parameter, those with which a run of the same seed would begin. They are drawn when the first of
 * their bytes is asked for, and given back after the last.
 */
final class FreshTensor implements TensorBytes {
  private static final int ALIGNMENT = 64;

  private final ParameterTable table;
  private final long seed;
  private Arena arena;
  private MemorySegment values;

  private FreshTensor(Parameter parameter, long seed) {
    this.table = new ParameterTable(List.of(parameter));
    this.seed = seed;
  }

  /**
   * @param name in the file
   */
  static Tensor of(String name, Parameter parameter, long seed) {
    FreshTensor fresh = new FreshTensor(parameter, seed);
    return new Tensor(name, SafetensorsType.F32, parameter.shape(), fresh);
  }

  @Override
  public void read(long offset, MemorySegment into) {
    if (arena == null) {
      arena = Arena.ofConfined();
      values = arena.allocate(table.bytes(), ALIGNMENT);
      ParameterInitializer.initialize(table, values, seed);
    }
    MemorySegment.copy(values, offset, into, 0, into.byteSize());
    if (offset + into.byteSize() == table.entries().getFirst().bytes()) {
      arena.close();
      arena = null;
    }
  }
}
