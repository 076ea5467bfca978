package kiln.model.backend.cpu;

import kiln.bindings.OnednnMemoryDescriptor;
import kiln.model.graph.Shape;
import kiln.model.plan.Buffer;

/**
 * Float32 matrices that lie in a buffer by strides.
 *
 * @param dims extents, batch axes first, then rows and columns
 * @param strides in elements
 */
record DnnlMatrices(Buffer buffer, long[] dims, long[] strides) {
  /** A dense tensor as one matrix, or as a row of matrices: all leading axes are one. */
  static DnnlMatrices dense(Buffer buffer) {
    Shape shape = buffer.type().shape();
    long rows = shape.dim(-2);
    long columns = shape.last();
    if (shape.rank() == 2) {
      return new DnnlMatrices(buffer, new long[] {rows, columns}, new long[] {columns, 1});
    }
    long batch = shape.product(0, shape.rank() - 2);
    return new DnnlMatrices(buffer, new long[] {batch, rows, columns}, new long[] {rows * columns, columns, 1});
  }

  /** Dense [a, b, c, d], from the start of a buffer of at least that size. */
  static DnnlMatrices dense(Buffer buffer, long a, long b, long c, long d) {
    return new DnnlMatrices(buffer, new long[] {a, b, c, d}, new long[] {b * c * d, c * d, d, 1});
  }

  /** [B, L, heads·D] as [B, heads, L, D]. */
  static DnnlMatrices heads(Buffer buffer, int heads) {
    Shape shape = buffer.type().shape();
    long length = shape.dim(1);
    long width = shape.last();
    long size = width / heads;
    long[] dims = {shape.dim(0), heads, length, size};
    return new DnnlMatrices(buffer, dims, new long[] {length * width, size, width, 1});
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
    return new DnnlMatrices(buffer, swappedDims, swappedStrides);
  }

  /** The first {@code count} entries of the first axis. */
  DnnlMatrices first(long count) {
    long[] fewer = dims.clone();
    fewer[0] = count;
    return new DnnlMatrices(buffer, fewer, strides);
  }

  /** Bytes from the start of the buffer to entry {@code index} of the first axis. */
  long offset(long index) {
    return index * strides[0] * Float.BYTES;
  }

  OnednnMemoryDescriptor layout() {
    return OnednnMemoryDescriptor.strided(dims, strides);
  }
}
