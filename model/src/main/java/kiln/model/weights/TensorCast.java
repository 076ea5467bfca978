package kiln.model.weights;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.Set;
import kiln.bindings.CastKernels;

/**
 * Changes the element type of a tensor piece by piece, in a megabyte or two of its own however large the tensor is.
 * Narrowing rounds to nearest, ties to even.
 */
final class TensorCast {
  /** What can be read as float32. */
  static final Set<SafetensorsType> FLOATS =
      EnumSet.of(SafetensorsType.F32, SafetensorsType.F16, SafetensorsType.BF16, SafetensorsType.F64);

  /** What float32 can be turned into. */
  static final Set<SafetensorsType> TARGETS =
      EnumSet.of(SafetensorsType.F32, SafetensorsType.F16, SafetensorsType.BF16);

  /** Elements per piece: all its copies fit into a processor's cache. */
  private static final long PIECE = 1L << 17;

  private static final int ALIGNMENT = 64;

  private TensorCast() {}

  /** Bytes of one element of a type in {@link #FLOATS}. */
  private static long width(SafetensorsType type) {
    return type.bits() / Byte.SIZE;
  }

  /**
   * Reads elements from {@code first} on, as many as fit into {@code into}.
   *
   * @param into of type {@code to}, aligned to its elements
   * @throws OutOfRangeException if a finite number has no finite neighbour in {@code to}
   */
  static void read(TensorBytes from, SafetensorsType type, long first, SafetensorsType to, MemorySegment into) {
    if (type == to) {
      from.read(first * width(type), into);
      return;
    }
    long elements = into.byteSize() / width(to);
    try (Arena arena = Arena.ofConfined()) {
      long piece = Math.min(PIECE, elements);
      MemorySegment source = arena.allocate(Math.max(1, piece * width(type)), ALIGNMENT);
      MemorySegment floats = arena.allocate(Math.max(1, piece * Float.BYTES), ALIGNMENT);
      for (long at = 0; at < elements; at += piece) {
        long n = Math.min(piece, elements - at);
        from.read((first + at) * width(type), source.asSlice(0, n * width(type)));
        cast(source, type, floats, to, into.asSlice(at * width(to), n * width(to)), n, first + at);
      }
    }
  }

  /** {@code floats} holds the numbers on their way from one narrow type to another; {@code at} is the first one's index. */
  private static void cast(
      MemorySegment source,
      SafetensorsType from,
      MemorySegment floats,
      SafetensorsType to,
      MemorySegment into,
      long n,
      long at) {
    MemorySegment wide = from == SafetensorsType.F32 ? source : to == SafetensorsType.F32 ? into : floats;
    long bad =
        switch (from) {
          case F32 -> -1;
          case F16 -> {
            CastKernels.f16ToF32(source, wide, n);
            yield -1;
          }
          case BF16 -> {
            CastKernels.bf16ToF32(source, wide, n);
            yield -1;
          }
          case F64 -> CastKernels.f64ToF32(source, wide, n, to == SafetensorsType.F32 ? 0 : 1);
          default -> throw new IllegalArgumentException("no cast from " + from);
        };
    if (bad < 0) {
      bad =
          switch (to) {
            case F32 -> -1;
            case F16 -> CastKernels.f32ToF16(wide, into, n);
            case BF16 -> CastKernels.f32ToBf16(wide, into, n);
            default -> throw new IllegalArgumentException("no cast to " + to);
          };
    }
    if (bad >= 0) {
      double value =
          from == SafetensorsType.F64
              ? source.getAtIndex(ValueLayout.JAVA_DOUBLE, bad)
              : wide.getAtIndex(ValueLayout.JAVA_FLOAT, bad);
      throw new OutOfRangeException(value, at + bad, to);
    }
  }

  /** A number that the new type cannot hold; whoever knows the file and the tensor makes a line of it. */
  static final class OutOfRangeException extends RuntimeException {
    private static final long serialVersionUID = 1;

    OutOfRangeException(double value, long element, SafetensorsType type) {
      super("found " + value + " as element " + element + ", expected numbers that " + type + " can hold");
    }
  }
}
