package kiln.bindings.cuda;

/**
 * A product of matrices, or of as many as {@code batch} of them: y [m, n] = a [m, k] · b [k, n], all row-major and dense, sums in
 * float32.
 *
 * @param transposeA whether a lies as [k, m]
 * @param transposeB whether b lies as [n, k]
 * @param strideA elements from one a to the next; 0 if there is one for the whole batch
 * @param strideB likewise
 * @param inputs type of a and b
 * @param output type of y, the bias and the auxiliary matrix
 * @param accumulate whether the product is added to what y has
 * @param tf32 whether float32 factors may be rounded to TF32, which tensor cores multiply
 */
public record CublasLtProduct(
    long m,
    long n,
    long k,
    boolean transposeA,
    boolean transposeB,
    long batch,
    long strideA,
    long strideB,
    CudaType inputs,
    CudaType output,
    CublasLtEpilogue epilogue,
    boolean accumulate,
    boolean tf32) {
  public CublasLtProduct {
    if (m < 1 || n < 1 || k < 1 || batch < 1 || strideA < 0 || strideB < 0) {
      throw new IllegalArgumentException(
          "m=" + m + ", n=" + n + ", k=" + k + ", batch=" + batch + ", strideA=" + strideA + ", strideB=" + strideB);
    }
    if (epilogue.hasAuxiliary() && n % 8 != 0) {
      throw new IllegalArgumentException("n=" + n + ", expected a multiple of 8 with the epilogue " + epilogue);
    }
    if (epilogue.hasBias() && batch != 1) {
      throw new IllegalArgumentException("batch=" + batch + ", expected 1 with the epilogue " + epilogue);
    }
  }

  /** One product, without anything besides. */
  public static CublasLtProduct of(long m, long n, long k, boolean transposeA, boolean transposeB, CudaType type) {
    return new CublasLtProduct(
        m, n, k, transposeA, transposeB, 1, 0, 0, type, type, CublasLtEpilogue.NONE, false, false);
  }

  /** The same with an epilogue. */
  public CublasLtProduct with(CublasLtEpilogue other) {
    return new CublasLtProduct(
        m, n, k, transposeA, transposeB, batch, strideA, strideB, inputs, output, other, accumulate, tf32);
  }

  /** Elements of the bias. */
  long biasLength() {
    return epilogue == CublasLtEpilogue.BIAS_GRADIENT_OF_A ? m : n;
  }
}
