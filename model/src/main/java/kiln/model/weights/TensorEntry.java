package kiln.model.weights;

import java.util.List;
import kiln.model.graph.Shape;

/**
 * Where a weight file keeps a tensor.
 *
 * @param dims extents, row-major; 64 bits each, as in the file
 * @param offset of the first byte, from the start of the file; of a tensor that several files divide, in the first of them
 * @param bytes of the whole tensor
 */
public record TensorEntry(String name, SafetensorsType type, List<Long> dims, long offset, long bytes) {
  public TensorEntry {
    dims = List.copyOf(dims);
  }

  /**
   * The extents as the engine has them.
   *
   * @throws ArithmeticException if one of them needs more than 31 bits
   */
  public Shape shape() {
    return Shape.of(dims.stream().mapToInt(Math::toIntExact).toArray());
  }

  /** Number of elements. */
  public long elements() {
    return bytes * Byte.SIZE / type.bits();
  }

  /** Type and extents, as in {@code F32[2, 3]}. */
  public String describe() {
    return type.name() + dims;
  }
}
