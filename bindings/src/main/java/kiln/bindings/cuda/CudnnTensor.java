package kiln.bindings.cuda;

import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_TENSOR_DATA_TYPE;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_TENSOR_DIMENSIONS;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_TENSOR_IS_BY_VALUE;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_TENSOR_IS_VIRTUAL;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_TENSOR_STRIDES;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_TENSOR_UNIQUE_ID;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_BACKEND_TENSOR_DESCRIPTOR;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_TYPE_DATA_TYPE;

/**
 * A tensor of a {@link CudnnGraph}.
 *
 * @param id within the graph
 * @param strides in elements, one per dimension
 * @param place where it lies
 */
record CudnnTensor(long id, Dims dims, Dims strides, CudaType type, Place place, CudnnDescriptor descriptor) {
  /** 16 bytes, so that a kernel can move as many at once; so must all addresses be. */
  private static final long ALIGNMENT = 16;

  /** Where a tensor lies: in device memory, nowhere (between two operations), or in the call itself, one number. */
  enum Place {
    MEMORY,
    VIRTUAL,
    VALUE
  }

  /** Four extents or strides. */
  record Dims(long a, long b, long c, long d) {
    static final Dims ONE = new Dims(1, 1, 1, 1);

    long[] toArray() {
      return new long[] {a, b, c, d};
    }

    /** The strides of a dense tensor of these extents, the last axis innermost. */
    Dims rowMajor() {
      return new Dims(b * c * d, c * d, d, 1);
    }

    /** Of extents or strides: the last two axes exchanged. */
    Dims transposed() {
      return new Dims(a, b, d, c);
    }
  }

  static CudnnTensor of(long id, Dims dims, Dims strides, CudaType type, Place place) {
    CudnnDescriptor descriptor = new CudnnDescriptor(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
    descriptor
        .setLongs(CUDNN_ATTR_TENSOR_UNIQUE_ID, id)
        .setInts(CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, type.cudnn())
        .setLongs(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, ALIGNMENT)
        .setLongs(CUDNN_ATTR_TENSOR_DIMENSIONS, dims.toArray())
        .setLongs(CUDNN_ATTR_TENSOR_STRIDES, strides.toArray());
    if (place == Place.VIRTUAL) {
      descriptor.setTrue(CUDNN_ATTR_TENSOR_IS_VIRTUAL);
    } else if (place == Place.VALUE) {
      descriptor.setTrue(CUDNN_ATTR_TENSOR_IS_BY_VALUE);
    }
    return new CudnnTensor(id, dims, strides, type, place, descriptor.complete());
  }

  /** Bytes from its first element to the end of its last. */
  long bytes() {
    long last =
        (dims.a - 1) * strides.a + (dims.b - 1) * strides.b + (dims.c - 1) * strides.c + (dims.d - 1) * strides.d;
    return (last + 1) * type.bytes();
  }
}
