package kiln.model.backend.cuda;

import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;

/** Products of the matrices of attention's heads, which a library makes: cuBLASLt on a GPU. */
interface HeadProducts {
  /**
   * A matrix for every head of every sample.
   *
   * @param data where the first one starts, {@code offset} bytes into a buffer
   * @param bf16 whether elements are bfloat16, else float32
   * @param rowStride elements from one row to the next, and so on for the matrices of heads and samples
   */
  record Matrices(
      Buffer data, long offset, boolean bf16, long rows, long columns, long rowStride, long headStride, long sampleStride) {}

  /**
   * c = factor · a·b, a and b transposed or not, for {@code numHeads} heads of {@code numSamples} samples; sums are float32.
   */
  Launch multiply(
      long numSamples, long numHeads, Matrices a, boolean transposeA, Matrices b, boolean transposeB, Matrices c, float factor);
}
