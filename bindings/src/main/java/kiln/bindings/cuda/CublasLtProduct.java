package kiln.bindings.cuda;

/**
 * A product of matrices, or {@code batch} of them: y [m, n] = a [m, k] · b [k, n], all row by row, sums in float32.
 *
 * @param inputs type of a and b
 * @param output type of y, the bias and the auxiliary matrix; the latter is dense
 * @param accumulate whether the product is added to what y has
 * @param tf32 whether float32 factors may be rounded to TF32, which tensor cores multiply
 */
public record CublasLtProduct(
    long m,
    long n,
    long k,
    long batch,
    Layout a,
    Layout b,
    Layout y,
    CudaType inputs,
    CudaType output,
    CublasLtEpilogue epilogue,
    boolean accumulate,
    boolean tf32) {

  /**
   * How a matrix lies.
   *
   * @param transposed whether it lies as its transpose: a as [k, m], b as [n, k]; not for y
   * @param rowStride elements from one row, as it lies, to the next
   * @param batchStride elements from one matrix to the next of the batch; 0 if there is one for all
   */
  public record Layout(boolean transposed, long rowStride, long batchStride) {}

  public CublasLtProduct {
    if (m < 1 || n < 1 || k < 1 || batch < 1) {
      throw new IllegalArgumentException("m=" + m + ", n=" + n + ", k=" + k + ", batch=" + batch);
    }
    requireLayout("a", a, a.transposed ? m : k);
    requireLayout("b", b, b.transposed ? k : n);
    requireLayout("y", y, n);
    if (y.transposed || (batch > 1 && y.batchStride == 0)) {
      throw new IllegalArgumentException("y=" + y + ", expected it not transposed, and one for each of batch=" + batch);
    }
    if (epilogue.hasAuxiliary() && n % 8 != 0) {
      throw new IllegalArgumentException("n=" + n + ", expected a multiple of 8 with the epilogue " + epilogue);
    }
    if (epilogue.hasBias() && batch != 1) {
      throw new IllegalArgumentException("batch=" + batch + ", expected 1 with the epilogue " + epilogue);
    }
  }

  private static void requireLayout(String name, Layout layout, long rowLength) {
    if (layout.rowStride < rowLength || layout.batchStride < 0) {
      throw new IllegalArgumentException(name + "=" + layout + ", expected rows of " + rowLength + " or more");
    }
  }

  /** One product of dense matrices, without anything besides. */
  public static CublasLtProduct of(long m, long n, long k, boolean transposeA, boolean transposeB, CudaType type) {
    Layout a = new Layout(transposeA, transposeA ? m : k, 0);
    Layout b = new Layout(transposeB, transposeB ? k : n, 0);
    return new CublasLtProduct(
        m, n, k, 1, a, b, new Layout(false, n, 0), type, type, CublasLtEpilogue.NONE, false, false);
  }

  /** The same with an epilogue. */
  public CublasLtProduct with(CublasLtEpilogue other) {
    return new CublasLtProduct(m, n, k, batch, a, b, y, inputs, output, other, accumulate, tf32);
  }

  /** Elements of the bias. */
  long biasLength() {
    return epilogue == CublasLtEpilogue.BIAS_GRADIENT_OF_A ? m : n;
  }

  /** Elements from a's first to its last, over the whole batch. */
  long lengthOfA() {
    return a.transposed ? length(a, k, m) : length(a, m, k);
  }

  /** Elements from b's first to its last, over the whole batch. */
  long lengthOfB() {
    return b.transposed ? length(b, n, k) : length(b, k, n);
  }

  /** Elements from y's first to its last, over the whole batch. */
  long lengthOfY() {
    return length(y, m, n);
  }

  private long length(Layout layout, long rows, long columns) {
    return (rows - 1) * layout.rowStride + columns + (batch - 1) * layout.batchStride;
  }
}
