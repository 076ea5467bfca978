package kiln.model.backend.cpu;

import java.util.ArrayList;
import java.util.List;
import kiln.bindings.AttentionKernels;
import kiln.bindings.NativeLibraries;
import kiln.bindings.OnednnEngine;
import kiln.model.graph.Shape;
import kiln.model.op.Attention;
import kiln.model.op.AttentionGrad;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import kiln.model.plan.Scratch;

/**
 * Attention as two batched products around a softmax, its gradient as four. Heads are read where they lie: [B, L, heads·D] is
 * [B, heads, L, D] by strides, without a copy. The batch is worked on in parts whose scores stay in the cache from one product
 * to the next.
 */
final class DnnlAttention {
  /** Half of the second-level cache of current server cores. */
  private static final long SCORE_BYTES_PER_THREAD = 512 * 1024;

  private DnnlAttention() {}

  /** Outputs: the result and the probabilities [B, heads, Lq, Lk], which serve as the scores until the softmax. */
  static Launch forward(
      OnednnEngine engine, Attention op, List<Buffer> inputs, List<Buffer> outputs, Scratch scratch) {
    DnnlMatrices q = DnnlMatrices.heads(inputs.get(0), op.numHeads());
    DnnlMatrices k = DnnlMatrices.heads(inputs.get(1), op.numHeads());
    DnnlMatrices v = DnnlMatrices.heads(inputs.get(2), op.numHeads());
    DnnlMatrices y = DnnlMatrices.heads(outputs.get(0), op.numHeads());
    Buffer scores = outputs.get(1);
    DnnlMatrices p = scores(scores);
    int part = part(scores);
    Buffer bias = op.bias() ? inputs.get(3) : null;
    Buffer mask = op.mask() ? inputs.getLast() : null;
    List<Launch> products = DnnlMatMul.products(engine, q, k.transposed(), p, 1, part, scratch);
    List<Launch> sums = DnnlMatMul.products(engine, p, v, y, 1, part, scratch);
    List<Launch> steps = new ArrayList<>();
    for (int i = 0; i < products.size(); i++) {
      steps.add(products.get(i));
      steps.add(new AttentionSoftmax(scores, i * part, part, op.scale(), bias, mask));
      steps.add(sums.get(i));
    }
    return DnnlLaunch.sequence(steps);
  }

  /** Inputs: q, k, v, probabilities, gradient of the result. Outputs: gradients of q, k, v and of the scaled scores. */
  static Launch backward(
      OnednnEngine engine, AttentionGrad op, List<Buffer> inputs, List<Buffer> outputs, Scratch scratch) {
    DnnlMatrices q = DnnlMatrices.heads(inputs.get(0), op.numHeads());
    DnnlMatrices k = DnnlMatrices.heads(inputs.get(1), op.numHeads());
    DnnlMatrices v = DnnlMatrices.heads(inputs.get(2), op.numHeads());
    DnnlMatrices p = scores(inputs.get(3));
    DnnlMatrices dy = DnnlMatrices.heads(inputs.get(4), op.numHeads());
    DnnlMatrices dq = DnnlMatrices.heads(outputs.get(0), op.numHeads());
    DnnlMatrices dk = DnnlMatrices.heads(outputs.get(1), op.numHeads());
    DnnlMatrices dv = DnnlMatrices.heads(outputs.get(2), op.numHeads());
    DnnlMatrices ds = scores(outputs.get(3));
    int part = part(p.buffer());
    long rows = part * p.dim(1) * p.dim(2);
    List<Launch> valueGrads = DnnlMatMul.transposedProducts(engine, p, dy, dv, 1, part, scratch);
    List<Launch> probabilityGrads = DnnlMatMul.products(engine, dy, v.transposed(), ds, 1, part, scratch);
    List<Launch> queryGrads = DnnlMatMul.products(engine, ds, k, dq, op.scale(), part, scratch);
    List<Launch> keyGrads = DnnlMatMul.transposedProducts(engine, ds, q, dk, op.scale(), part, scratch);
    List<Launch> steps = new ArrayList<>();
    for (int i = 0; i < valueGrads.size(); i++) {
      long firstRow = i * rows;
      steps.add(valueGrads.get(i));
      steps.add(probabilityGrads.get(i));
      steps.add(() -> AttentionKernels.softmaxGrad(p.buffer().segment(), ds.buffer().segment(), firstRow, rows, p.dim(3)));
      steps.add(queryGrads.get(i));
      steps.add(keyGrads.get(i));
    }
    return DnnlLaunch.sequence(steps);
  }

  private static DnnlMatrices scores(Buffer buffer) {
    Shape shape = buffer.type().shape();
    return DnnlMatrices.dense(buffer, buffer.type().dtype(), shape.dim(0), shape.dim(1), shape.dim(2), shape.dim(3));
  }

  /** The largest divisor of the batch whose scores fit the cache, at least 1. */
  private static int part(Buffer scores) {
    int batch = scores.type().shape().dim(0);
    long bytesOfOne = scores.type().shape().product(1, 4) * Float.BYTES;
    long limit = SCORE_BYTES_PER_THREAD * NativeLibraries.numThreads();
    int part = batch;
    while (part > 1 && (batch % part != 0 || part * bytesOfOne > limit)) {
      part--;
    }
    return part;
  }
}
