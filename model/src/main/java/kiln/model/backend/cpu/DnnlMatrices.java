package kiln.model.backend.cpu;

import java.util.Arrays;
import java.util.List;
import kiln.bindings.Onednn;
import kiln.bindings.OnednnEngine;
import kiln.bindings.OnednnMemoryDescriptor;
import kiln.bindings.OnednnPrimitiveDescriptor;
import kiln.bindings.OnednnType;
import kiln.model.backend.cpu.DnnlLaunch.Argument;
import kiln.model.graph.DType;
import kiln.model.graph.Shape;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import kiln.model.plan.Scratch;

/**
 * Matrices that lie in a buffer by strides.
 *
 * @param type float32 or bfloat16; scratch has no type of its own
 * @param dims extents, batch axes first, then rows and columns
 * @param strides in elements
 */
record DnnlMatrices(Buffer buffer, DType type, long[] dims, long[] strides) {
  /** A dense tensor as one matrix, or as a row of matrices: all leading axes are one. */
  static DnnlMatrices dense(Buffer buffer) {
    Shape shape = buffer.type().shape();
    long rows = shape.dim(-2);
    long columns = shape.last();
    DType type = buffer.type().dtype();
    return shape.rank() == 2
        ? dense(buffer, type, rows, columns)
        : dense(buffer, type, shape.product(0, shape.rank() - 2), rows, columns);
  }

  /** Dense, row-major, from the start of a buffer of at least that size. */
  static DnnlMatrices dense(Buffer buffer, DType type, long... dims) {
    long[] strides = new long[dims.length];
    long stride = 1;
    for (int axis = dims.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= dims[axis];
    }
    return new DnnlMatrices(buffer, type, dims, strides);
  }

  /** Dense, in scratch memory. */
  static DnnlMatrices scratch(Scratch scratch, DType type, long... dims) {
    long elements = Arrays.stream(dims).reduce(1, (a, b) -> a * b);
    return dense(scratch.reserve(elements * type.bytes()), type, dims);
  }

  long dim(int axis) {
    return dims[axis < 0 ? axis + dims.length : axis];
  }

  DnnlMatrices transposed() {
    long[] swappedDims = dims.clone();
    long[] swappedStrides = strides.clone();
    int last = dims.length - 1;
    swappedDims[last] = dims[last - 1];
    swappedDims[last - 1] = dims[last];
    swappedStrides[last] = strides[last - 1];
    swappedStrides[last - 1] = strides[last];
    return new DnnlMatrices(buffer, type, swappedDims, swappedStrides);
  }

  /** Whether the rows lie one after another, each without gaps. */
  boolean rowsAreDense() {
    return strides[dims.length - 1] == 1 && strides[dims.length - 2] == dim(-1);
  }

  /**
   * The same numbers, or nearest to them, as {@code wanted}: where they are kept so, or in scratch that a launch added to {@code
   * steps} fills.
   */
  DnnlMatrices as(DType wanted, OnednnEngine engine, List<Launch> steps, Scratch scratch) {
    if (type == wanted) {
      return this;
    }
    if (isKeptAs(wanted)) {
      return new DnnlMatrices(buffer.narrow(), wanted, dims, strides);
    }
    DnnlMatrices copy = new DnnlMatrices(scratch.reserve(elements() * wanted.bytes()), wanted, dims, strides);
    steps.add(castTo(copy, engine, scratch));
    return copy;
  }

  /** Writes these numbers, rounded if need be, to {@code to}, which has the same strides; both fill their memory without gaps. */
  Launch castTo(DnnlMatrices to, OnednnEngine engine, Scratch scratch) {
    try (var from = OnednnMemoryDescriptor.plain(onednn(type), elements());
        var result = OnednnMemoryDescriptor.plain(onednn(to.type), elements());
        var descriptor = OnednnPrimitiveDescriptor.reorder(engine, from, result)) {
      return new DnnlLaunch(
          descriptor,
          DnnlLaunch.scratchpad(descriptor, scratch),
          new Argument(Onednn.ARG_SRC, buffer),
          new Argument(Onednn.ARG_DST, to.buffer));
    }
  }

  /** Whether the numbers need not be rounded to have {@code wanted}. */
  boolean isKeptAs(DType wanted) {
    return type == wanted || (wanted == DType.BF16 && buffer.narrow() != null);
  }

  private long elements() {
    return Arrays.stream(dims).reduce(1, (a, b) -> a * b);
  }

  /** One row, with axes of one before it until it has as many as {@code other}. */
  DnnlMatrices sameRank(DnnlMatrices other) {
    long[] ones = new long[other.dims.length];
    Arrays.fill(ones, 1);
    ones[ones.length - 1] = dim(-1);
    return dense(buffer, type, ones);
  }

  OnednnMemoryDescriptor layout() {
    return OnednnMemoryDescriptor.strided(onednn(type), dims, strides);
  }

  static OnednnType onednn(DType type) {
    return switch (type) {
      case F32 -> OnednnType.F32;
      case BF16 -> OnednnType.BF16;
      case I32, U8 -> throw new IllegalArgumentException("no products of " + type);
    };
  }
}
