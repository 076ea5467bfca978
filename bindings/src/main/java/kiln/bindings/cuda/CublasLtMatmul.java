package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static kiln.bindings.NativeLibraries.unexpected;
import static kiln.bindings.cuda.CublasLtConstants.CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES;
import static kiln.bindings.cuda.CublasLtConstants.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES;
import static kiln.bindings.cuda.CublasLtConstants.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES;
import static kiln.bindings.cuda.CublasLtConstants.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES;
import static kiln.bindings.cuda.CublasLtConstants.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES;
import static kiln.bindings.cuda.CublasLtConstants.CUBLAS_STATUS_NOT_SUPPORTED;
import static kiln.bindings.cuda.CublasLtConstants.CUBLAS_STATUS_SUCCESS;
import static kiln.bindings.cuda.CublasLtConstants.HEURISTIC_BYTES;
import static kiln.bindings.cuda.CublasLtConstants.HEURISTIC_STATE;
import static kiln.bindings.cuda.CublasLtConstants.HEURISTIC_WORKSPACE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A {@link CublasLtProduct} with an algorithm and the addresses of its matrices, to be run again and again. Whoever makes one
 * closes it.
 */
public final class CublasLtMatmul implements AutoCloseable {
  /** What the heuristic assumes at most. */
  private static final long MAX_ALIGNMENT = 256;

  private final CublasLtHandle handle;
  private final CublasLtProduct product;
  private final CublasLtDescriptors descriptors;
  private final Operands operands;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment factor;
  private final MemorySegment beta;
  private final List<Algorithm> algorithms = new ArrayList<>();
  private Algorithm algorithm;

  /**
   * Where the matrices lie. {@code bias} and {@code auxiliary} may be null if the epilogue has none.
   */
  public record Operands(DeviceMemory a, DeviceMemory b, DeviceMemory y, DeviceMemory bias, DeviceMemory auxiliary) {}

  private record Algorithm(MemorySegment choice, long workspaceBytes) {}

  /**
   * @param maxWorkspace bytes of scratch memory that it may need
   * @throws kiln.bindings.NativeException if cuBLASLt has no algorithm for it
   */
  public CublasLtMatmul(CublasLtHandle handle, CublasLtProduct product, Operands operands, long maxWorkspace) {
    this.handle = handle;
    this.product = product;
    this.operands = operands;
    requireBytes();
    descriptors = new CublasLtDescriptors(product);
    if (product.epilogue().hasBias()) {
      descriptors.setBias(operands.bias);
    }
    if (product.epilogue().hasAuxiliary()) {
      descriptors.setAuxiliary(operands.auxiliary);
    }
    factor = arena.allocateFrom(JAVA_FLOAT, 1f);
    beta = arena.allocateFrom(JAVA_FLOAT, product.accumulate() ? 1f : 0f);
    search(maxWorkspace);
    algorithm = algorithms.getFirst();
  }

  private void requireBytes() {
    long output = product.output().bytes();
    requireBytes("a", product.lengthOfA() * product.inputs().bytes(), operands.a);
    requireBytes("b", product.lengthOfB() * product.inputs().bytes(), operands.b);
    requireBytes("y", product.lengthOfY() * output, operands.y);
    if (product.epilogue().hasBias()) {
      requireBytes("bias", product.biasLength() * output, operands.bias);
    }
    if (product.epilogue().hasAuxiliary()) {
      requireBytes("auxiliary", product.m() * product.n() * product.batch() * output, operands.auxiliary);
    }
  }

  private static void requireBytes(String what, long expected, DeviceMemory found) {
    if (found == null || found.byteSize() < expected) {
      throw new IllegalArgumentException(what + " needs " + expected + " bytes, found " + found);
    }
  }

  private void search(long maxWorkspace) {
    MemorySegment preference = CublasLtDescriptors.create(CublasLtFunctions.MATMUL_PREFERENCE_CREATE);
    try (Arena call = Arena.ofConfined()) {
      CublasLtFunctions.MATMUL_PREFERENCE_SET_ATTRIBUTE.call(
          preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, call.allocateFrom(JAVA_LONG, maxWorkspace), 8L);
      align(call, preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, operands.b);
      align(call, preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, operands.a);
      align(call, preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, operands.y);
      align(call, preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, operands.y);
      int wanted = 8;
      MemorySegment found = arena.allocate((long) HEURISTIC_BYTES * wanted, Long.BYTES);
      MemorySegment count = call.allocate(JAVA_INT);
      CublasLtFunctions.MATMUL_ALGO_GET_HEURISTIC.call(
          handle.handle(),
          descriptors.product(),
          descriptors.first(),
          descriptors.second(),
          descriptors.result(),
          descriptors.result(),
          preference,
          wanted,
          found,
          count);
      for (int i = 0; i < count.get(JAVA_INT, 0); i++) {
        MemorySegment result = found.asSlice((long) i * HEURISTIC_BYTES, HEURISTIC_BYTES);
        if (result.get(JAVA_INT, HEURISTIC_STATE) == CUBLAS_STATUS_SUCCESS) {
          algorithms.add(new Algorithm(result, result.get(JAVA_LONG, HEURISTIC_WORKSPACE)));
        }
      }
    } finally {
      CublasLtFunctions.MATMUL_PREFERENCE_DESTROY.call(preference);
    }
    if (algorithms.isEmpty()) {
      throw CublasLtFunctions.MATMUL_ALGO_GET_HEURISTIC.failure(CUBLAS_STATUS_NOT_SUPPORTED, product.toString());
    }
  }

  private static void align(Arena call, MemorySegment preference, int attribute, DeviceMemory memory) {
    int bytes = (int) Math.min(MAX_ALIGNMENT, Long.lowestOneBit(memory.address()));
    CublasLtFunctions.MATMUL_PREFERENCE_SET_ATTRIBUTE.call(
        preference, attribute, call.allocateFrom(JAVA_INT, bytes), 4L);
  }

  /** What the product is multiplied by, before the epilogue; 1 unless it is set. */
  public void setFactor(float value) {
    factor.set(JAVA_FLOAT, 0, value);
  }

  /** How many algorithms there are to choose from. */
  public int numAlgorithms() {
    return algorithms.size();
  }

  /** Takes another algorithm than the one that cuBLASLt holds to be the best, which is that at 0. */
  public void choose(int index) {
    algorithm = algorithms.get(index);
  }

  /** Bytes of scratch memory that a run needs. */
  public long workspaceBytes() {
    return algorithm.workspaceBytes;
  }

  /**
   * Queues it.
   *
   * @param workspace {@link #workspaceBytes} or more, for this run alone, aligned to 256 bytes
   */
  public void run(DeviceMemory workspace, CudaStream stream) {
    requireBytes("scratch", algorithm.workspaceBytes, workspace);
    try {
      int status =
          (int)
              CublasLtFunctions.MATMUL.handle()
                  .invokeExact(
                      handle.handle(),
                      descriptors.product(),
                      factor,
                      operands.b.pointer(),
                      descriptors.first(),
                      operands.a.pointer(),
                      descriptors.second(),
                      beta,
                      operands.y.pointer(),
                      descriptors.result(),
                      operands.y.pointer(),
                      descriptors.result(),
                      algorithm.choice,
                      workspace.pointer(),
                      workspace.byteSize(),
                      stream.handle());
      if (status != CUBLAS_STATUS_SUCCESS) {
        throw CublasLtFunctions.MATMUL.failure(status, product.toString());
      }
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  @Override
  public void close() {
    descriptors.close();
    arena.close();
  }
}
