package kiln.bindings.cuda;

import static kiln.bindings.cuda.CudnnConstants.CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_NUMERICAL_NOTE_FFT;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_NUMERICAL_NOTE_TENSOR_CORE;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_NUMERICAL_NOTE_WINOGRAD;

/**
 * What a plan may do to numbers. Whatever is allowed, sums are float32 and inputs are not made narrower than they are.
 *
 * @param tensorCores of float32 tensors these round factors to TF32; of bfloat16 tensors they change nothing
 * @param nondeterministic whether results may differ from run to run, in their last bits
 */
public record CudnnNumerics(boolean tensorCores, boolean nondeterministic) {
  /** Products of float32 numbers as they are, and the same bits every time. */
  public static final CudnnNumerics EXACT_FLOAT32 = new CudnnNumerics(false, false);

  /** For bfloat16, or where TF32 is good enough; the same bits every time. */
  public static final CudnnNumerics REPEATABLE = new CudnnNumerics(true, false);

  /** Whether an engine with these CUDNN_NUMERICAL_NOTE_… may be used. */
  boolean allow(int[] notes) {
    for (int note : notes) {
      boolean refused =
          switch (note) {
            case CUDNN_NUMERICAL_NOTE_TENSOR_CORE -> !tensorCores;
            case CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC -> !nondeterministic;
            case CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS,
                CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION,
                CUDNN_NUMERICAL_NOTE_FFT,
                CUDNN_NUMERICAL_NOTE_WINOGRAD ->
                true;
            default -> false;
          };
      if (refused) {
        return false;
      }
    }
    return true;
  }
}
