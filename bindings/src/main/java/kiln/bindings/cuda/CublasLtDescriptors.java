package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static kiln.bindings.cuda.CublasLtConstants.CUBLASLT_MATMUL_DESC_BIAS_POINTER;
import static kiln.bindings.cuda.CublasLtConstants.CUBLASLT_MATMUL_DESC_EPILOGUE;
import static kiln.bindings.cuda.CublasLtConstants.CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_BATCH_STRIDE;
import static kiln.bindings.cuda.CublasLtConstants.CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD;
import static kiln.bindings.cuda.CublasLtConstants.CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER;
import static kiln.bindings.cuda.CublasLtConstants.CUBLASLT_MATMUL_DESC_TRANSA;
import static kiln.bindings.cuda.CublasLtConstants.CUBLASLT_MATMUL_DESC_TRANSB;
import static kiln.bindings.cuda.CublasLtConstants.CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT;
import static kiln.bindings.cuda.CublasLtConstants.CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET;
import static kiln.bindings.cuda.CublasLtConstants.CUBLAS_COMPUTE_32F;
import static kiln.bindings.cuda.CublasLtConstants.CUBLAS_COMPUTE_32F_FAST_TF32;
import static kiln.bindings.cuda.CublasLtConstants.CUBLAS_OP_N;
import static kiln.bindings.cuda.CublasLtConstants.CUBLAS_OP_T;
import static kiln.bindings.cuda.CublasLtConstants.CUDA_R_32F;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import kiln.bindings.cuda.CublasLtProduct.Layout;

/**
 * A product in cuBLASLt's terms. The library's matrices lie column by column, and a row-major matrix read so is its transpose; so
 * it is given yᵀ = bᵀ·aᵀ: its A is our b, its B our a.
 */
final class CublasLtDescriptors implements AutoCloseable {
  private final MemorySegment product;
  private final MemorySegment first;
  private final MemorySegment second;
  private final MemorySegment result;

  CublasLtDescriptors(CublasLtProduct p) {
    int compute = p.tf32() ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;
    product = create(CublasLtFunctions.MATMUL_DESC_CREATE, compute, CUDA_R_32F);
    setInt(CUBLASLT_MATMUL_DESC_TRANSA, p.b().transposed() ? CUBLAS_OP_T : CUBLAS_OP_N);
    setInt(CUBLASLT_MATMUL_DESC_TRANSB, p.a().transposed() ? CUBLAS_OP_T : CUBLAS_OP_N);
    setInt(CUBLASLT_MATMUL_DESC_EPILOGUE, p.epilogue().code());
    if (p.epilogue().hasAuxiliary()) {
      setLong(CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD, p.n());
      setLong(CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_BATCH_STRIDE, p.m() * p.n());
    }
    first = layout(p, p.inputs(), p.b(), p.k(), p.n());
    second = layout(p, p.inputs(), p.a(), p.m(), p.k());
    result = layout(p, p.output(), p.y(), p.m(), p.n());
  }

  /** Tells where the bias lies. */
  void setBias(DeviceMemory bias) {
    setLong(CUBLASLT_MATMUL_DESC_BIAS_POINTER, bias.address());
  }

  /** Tells where the auxiliary matrix lies. */
  void setAuxiliary(DeviceMemory auxiliary) {
    setLong(CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER, auxiliary.address());
  }

  /** Of a matrix of ours, [rows, columns]: what is a row to us is a column to the library. */
  private static MemorySegment layout(CublasLtProduct p, CudaType type, Layout lies, long rows, long columns) {
    long inner = lies.transposed() ? rows : columns;
    long outer = lies.transposed() ? columns : rows;
    MemorySegment layout =
        create(CublasLtFunctions.MATRIX_LAYOUT_CREATE, type.cublas(), inner, outer, lies.rowStride());
    if (p.batch() > 1) {
      try (Arena call = Arena.ofConfined()) {
        CublasLtFunctions.MATRIX_LAYOUT_SET_ATTRIBUTE.call(
            layout, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, call.allocateFrom(JAVA_INT, (int) p.batch()), 4L);
        MemorySegment stride = call.allocateFrom(JAVA_LONG, lies.batchStride());
        CublasLtFunctions.MATRIX_LAYOUT_SET_ATTRIBUTE.call(
            layout, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, stride, 8L);
      }
    }
    return layout;
  }

  /** What a function returns through its first argument. */
  static MemorySegment create(CudaFunction function, Object... others) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment made = call.allocate(ADDRESS);
      Object[] arguments = new Object[others.length + 1];
      arguments[0] = made;
      System.arraycopy(others, 0, arguments, 1, others.length);
      function.call(arguments);
      return made.get(ADDRESS, 0);
    }
  }

  private void setInt(int attribute, int value) {
    try (Arena call = Arena.ofConfined()) {
      CublasLtFunctions.MATMUL_DESC_SET_ATTRIBUTE.call(product, attribute, call.allocateFrom(JAVA_INT, value), 4L);
    }
  }

  private void setLong(int attribute, long value) {
    try (Arena call = Arena.ofConfined()) {
      CublasLtFunctions.MATMUL_DESC_SET_ATTRIBUTE.call(product, attribute, call.allocateFrom(JAVA_LONG, value), 8L);
    }
  }

  MemorySegment product() {
    return product;
  }

  /** The layout of the library's A, our b. */
  MemorySegment first() {
    return first;
  }

  /** The layout of the library's B, our a. */
  MemorySegment second() {
    return second;
  }

  MemorySegment result() {
    return result;
  }

  @Override
  public void close() {
    CublasLtFunctions.MATMUL_DESC_DESTROY.call(product);
    for (MemorySegment layout : new MemorySegment[] {first, second, result}) {
      CublasLtFunctions.MATRIX_LAYOUT_DESTROY.call(layout);
    }
  }
}
