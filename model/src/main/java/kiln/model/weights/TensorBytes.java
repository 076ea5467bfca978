package kiln.model.weights;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Where the bytes of a tensor come from, row-major and little-endian, wherever they lie or whatever makes them. */
@FunctionalInterface
public interface TensorBytes {
  /**
   * Copies the bytes from {@code offset} on into {@code into} and fills it.
   *
   * @param offset in bytes, from the start of the tensor; a writer asks for every piece once, from the first to the last
   */
  void read(long offset, MemorySegment into);

  /** The bytes themselves where they lie in memory outside of Java's heap, which spares the copy. */
  default Optional<MemorySegment> inPlace() {
    return Optional.empty();
  }

  /** Bytes in memory, which must stay there until they have been read. */
  static TensorBytes of(MemorySegment data) {
    return new TensorBytes() {
      @Override
      public void read(long offset, MemorySegment into) {
        MemorySegment.copy(data, offset, into, 0, into.byteSize());
      }

      @Override
      public Optional<MemorySegment> inPlace() {
        return data.isNative() ? Optional.of(data) : Optional.empty();
      }
    };
  }
}
