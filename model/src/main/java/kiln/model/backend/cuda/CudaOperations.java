package kiln.model.backend.cuda;

import java.util.List;
import kiln.model.op.Attention;
import kiln.model.op.AttentionGrad;
import kiln.model.op.Conv2d;
import kiln.model.op.Conv2dInputGrad;
import kiln.model.op.Conv2dWeightGrad;
import kiln.model.op.MatMul;
import kiln.model.op.Op;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import kiln.model.plan.Scratch;

/** Chooses who does an operation on a GPU: cuDNN, cuBLASLt, or Kiln's own kernels. */
public final class CudaOperations {
  /** Scores of attention made of products that scratch memory is taken for at a time: 256 MiB of float32. */
  private static final long MAX_SCORES = 1L << 26;

  private static final long MAX_ATTENTION_WORKSPACE = 1L << 30;

  private final CudaEngine engine;
  private final Products products;
  private final CudaKernels kernels;

  /**
   * @param engine outlives all launches
   */
  public CudaOperations(CudaEngine engine) {
    this.engine = engine;
    products = new Products(engine);
    kernels = new CudaKernels(engine, products, MAX_SCORES);
  }

  /**
   * The launch of one operation, queued in the engine's stream when it runs. At the first run it may take memory and load
   * kernels, which must not be recorded into a graph; from then on it allocates nothing as long as buffers stay where they are.
   *
   * @throws IllegalArgumentException if there is no kernel for this operation or these types
   */
  public Launch prepare(Op op, List<Buffer> in, List<Buffer> out, Scratch scratch) {
    Convolutions convolutions = new Convolutions(engine, scratch);
    FusedAttention fused = new FusedAttention(engine, MAX_ATTENTION_WORKSPACE, scratch);
    return switch (op) {
      case Conv2d convolution -> convolutions.forward(convolution, in, out.getFirst());
      case Conv2dInputGrad grad -> convolutions.inputGrad(grad, in, out.getFirst());
      case Conv2dWeightGrad grad -> convolutions.weightGrad(grad, in, out.getFirst());
      case MatMul product -> products.matMul(product, in, out.getFirst(), scratch);
      case Attention attention ->
          fused.forward(attention, in, out).orElseGet(() -> kernels.prepare(attention, in, out, scratch));
      case AttentionGrad grad -> fused.backward(grad, in, out).orElseGet(() -> kernels.prepare(grad, in, out, scratch));
      default -> kernels.prepare(op, in, out, scratch);
    };
  }
}
