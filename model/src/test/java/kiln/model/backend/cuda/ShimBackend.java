package kiln.model.backend.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import kiln.bindings.CudaShim;
import kiln.model.backend.InPlace;
import kiln.model.backend.cpu.CpuBackend;
import kiln.model.op.Conv2d;
import kiln.model.op.Conv2dInputGrad;
import kiln.model.op.Conv2dWeightGrad;
import kiln.model.op.MatMul;
import kiln.model.op.Op;
import kiln.model.plan.Backend;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import kiln.model.plan.Scratch;

/**
 * The CUDA kernels and their launches without a GPU: kernels run on the shim, what libraries do on a GPU is the {@code cpu}
 * backend's and plain loops.
 */
public final class ShimBackend implements Backend {
  private final CudaShim shim = new CudaShim();
  private final CpuBackend libraries = new CpuBackend();
  private final CudaKernels kernels;

  /** The way that GPUs are used, which is the shim's order of threads too. */
  public ShimBackend() {
    this(false, Integer.MAX_VALUE, 1 << 24);
  }

  /**
   * @param descending whether blocks, warps and lanes take turns from the last to the first
   * @param maxBlocks of a launch
   * @param maxScores as {@link CudaKernels#maxScores}
   */
  ShimBackend(boolean descending, int maxBlocks, long maxScores) {
    shim.setDescending(descending);
    shim.setMaxBlocks(maxBlocks);
    kernels = new CudaKernels(shim, ShimBackend::multiply, maxScores);
  }

  @Override
  public String name() {
    return "cuda-shim";
  }

  @Override
  public Launch prepare(Op op, List<Buffer> inputs, List<Buffer> outputs, Scratch scratch) {
    return switch (op) {
      case Conv2d _, Conv2dInputGrad _, Conv2dWeightGrad _, MatMul _ -> libraries.prepare(op, inputs, outputs, scratch);
      default -> kernels.prepare(op, inputs, outputs, scratch);
    };
  }

  @Override
  public boolean mayOverwrite(Op op, int input) {
    return InPlace.mayOverwrite(op, input);
  }

  private static Launch multiply(
      long numSamples, long numHeads, HeadProducts.Matrices a, boolean transposeA, HeadProducts.Matrices b, boolean transposeB,
      HeadProducts.Matrices c, float factor) {
    long depth = transposeA ? a.rows() : a.columns();
    return () -> {
      for (long sample = 0; sample < numSamples; sample++) {
        for (long head = 0; head < numHeads; head++) {
          for (long i = 0; i < c.rows(); i++) {
            for (long j = 0; j < c.columns(); j++) {
              float sum = 0;
              for (long k = 0; k < depth; k++) {
                float left = transposeA ? get(a, sample, head, k, i) : get(a, sample, head, i, k);
                sum += left * (transposeB ? get(b, sample, head, j, k) : get(b, sample, head, k, j));
              }
              set(c, sample, head, i, j, factor * sum);
            }
          }
        }
      }
    };
  }

  private static long at(HeadProducts.Matrices m, long sample, long head, long row, long column) {
    long element = sample * m.sampleStride() + head * m.headStride() + row * m.rowStride() + column;
    return m.offset() + element * (m.bf16() ? Short.BYTES : Float.BYTES);
  }

  private static float get(HeadProducts.Matrices m, long sample, long head, long row, long column) {
    MemorySegment data = m.data().segment();
    long at = at(m, sample, head, row, column);
    return m.bf16()
        ? Float.intBitsToFloat(data.get(ValueLayout.JAVA_SHORT_UNALIGNED, at) << 16)
        : data.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
  }

  private static void set(HeadProducts.Matrices m, long sample, long head, long row, long column, float value) {
    MemorySegment data = m.data().segment();
    long at = at(m, sample, head, row, column);
    if (m.bf16()) {
      int bits = Float.floatToRawIntBits(value);
      data.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16));
    } else {
      data.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, value);
    }
  }

  @Override
  public void close() {
    libraries.close();
    shim.close();
  }
}
