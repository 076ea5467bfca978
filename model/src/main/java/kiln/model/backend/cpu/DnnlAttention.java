package kiln.model.backend.cpu;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import kiln.bindings.AttentionKernels;
import kiln.bindings.OnednnEngine;
import kiln.model.backend.cpu.DnnlMatMul.View;
import kiln.model.graph.Shape;
import kiln.model.op.Attention;
import kiln.model.op.AttentionGrad;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import kiln.model.plan.Scratch;

/**
 * Attention as two batched products around a softmax, its gradient as four. Heads are read where they lie: [B, L, heads·D] is
 * [B, heads, L, D] by strides, without a copy.
 */
final class DnnlAttention {
  private DnnlAttention() {}

  /** Outputs: the result and the probabilities [B, heads, Lq, Lk], which serve as the scores until the softmax. */
  static Launch forward(
      OnednnEngine engine, Attention op, List<Buffer> inputs, List<Buffer> outputs, Scratch scratch) {
    Buffer q = inputs.get(0);
    Buffer k = inputs.get(1);
    Buffer v = inputs.get(2);
    Buffer result = outputs.get(0);
    Buffer probabilities = outputs.get(1);
    View scores = dense(probabilities);
    int heads = op.numHeads();
    Launch products =
        DnnlMatMul.product(engine, heads(q, heads), q, heads(k, heads).transposed(), k, null, scores, probabilities, 1, scratch);
    Buffer bias = op.bias() ? inputs.get(3) : null;
    Buffer mask = op.mask() ? inputs.getLast() : null;
    Launch softmax = new SoftmaxLaunch(probabilities, op.scale(), bias, mask);
    Launch sums =
        DnnlMatMul.product(
            engine, scores, probabilities, heads(v, heads), v, null, heads(result, heads), result, 1, scratch);
    return DnnlLaunch.sequence(List.of(products, softmax, sums));
  }

  /** Inputs: q, k, v, probabilities, gradient of the result. Outputs: gradients of q, k, v and of the scaled scores. */
  static Launch backward(
      OnednnEngine engine, AttentionGrad op, List<Buffer> inputs, List<Buffer> outputs, Scratch scratch) {
    Buffer q = inputs.get(0);
    Buffer k = inputs.get(1);
    Buffer v = inputs.get(2);
    Buffer p = inputs.get(3);
    Buffer dy = inputs.get(4);
    Buffer dq = outputs.get(0);
    Buffer dk = outputs.get(1);
    Buffer dv = outputs.get(2);
    Buffer ds = outputs.get(3);
    View scores = dense(p);
    Shape shape = p.type().shape();
    long rows = shape.product(0, 3);
    long keys = shape.last();
    int heads = op.numHeads();
    View qHeads = heads(q, heads);
    View kHeads = heads(k, heads);
    View vHeads = heads(v, heads);
    View yHeads = heads(dy, heads);
    Launch valueGrad = transposedProduct(engine, scores, p, yHeads, dy, vHeads, dv, 1, scratch);
    Launch probabilityGrad = DnnlMatMul.product(engine, yHeads, dy, vHeads.transposed(), v, null, scores, ds, 1, scratch);
    Launch scoreGrad = () -> AttentionKernels.softmaxGrad(p.segment(), ds.segment(), rows, keys);
    Launch queryGrad = DnnlMatMul.product(engine, scores, ds, kHeads, k, null, qHeads, dq, op.scale(), scratch);
    Launch keyGrad = transposedProduct(engine, scores, ds, qHeads, q, kHeads, dk, op.scale(), scratch);
    return DnnlLaunch.sequence(List.of(valueGrad, probabilityGrad, scoreGrad, queryGrad, keyGrad));
  }

  /**
   * c = scale · aᵀ · b, for a [B, heads, Lq, Lk] and b [B, heads, Lq, D]. oneDNN copies a transposed left factor, so this makes the
   * transposed product bᵀ · a, where that is the small one, and turns the result, which is small too.
   */
  private static Launch transposedProduct(
      OnednnEngine engine, View aView, Buffer a, View bView, Buffer b, View cView, Buffer c, float scale, Scratch scratch) {
    long[] dims = cView.transposed().dims();
    Buffer turned = scratch.reserve(c.type().bytes());
    View turnedView =
        new View(dims, new long[] {dims[1] * dims[2] * dims[3], dims[2] * dims[3], dims[3], 1});
    Launch product = DnnlMatMul.product(engine, bView.transposed(), b, aView, a, null, turnedView, turned, scale, scratch);
    Launch turn = DnnlMatMul.copy(engine, turnedView.transposed(), turned, cView, c, scratch);
    return DnnlLaunch.sequence(List.of(product, turn));
  }

  /** [B, L, heads·D] as [B, heads, L, D]. */
  private static View heads(Buffer buffer, int heads) {
    Shape shape = buffer.type().shape();
    long length = shape.dim(1);
    long width = shape.last();
    long size = width / heads;
    return new View(new long[] {shape.dim(0), heads, length, size}, new long[] {length * width, size, width, 1});
  }

  private static View dense(Buffer buffer) {
    Shape shape = buffer.type().shape();
    return new View(
        new long[] {shape.dim(0), shape.dim(1), shape.dim(2), shape.dim(3)},
        new long[] {shape.product(1, 4), shape.product(2, 4), shape.last(), 1});
  }

  /** The softmax in place, with what is added to the scores read by strides. */
  private static final class SoftmaxLaunch implements Launch {
    private static final Shape NOTHING = Shape.of(1, 1, 1, 1);

    private final Buffer scores;
    private final float scale;
    private final Buffer bias;
    private final Buffer mask;
    private final Shape shape;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment biasStrides;
    private final MemorySegment maskStrides;

    SoftmaxLaunch(Buffer scores, float scale, Buffer bias, Buffer mask) {
      this.scores = scores;
      this.scale = scale;
      this.bias = bias;
      this.mask = mask;
      shape = scores.type().shape();
      biasStrides = strides(bias);
      maskStrides = strides(mask);
    }

    private MemorySegment strides(Buffer extra) {
      Shape extents = extra == null ? NOTHING : extra.type().shape();
      long[] strides = new long[4];
      for (int axis = 0; axis < 4; axis++) {
        strides[axis] = extents.dim(axis) == 1 ? 0 : extents.product(axis + 1, 4);
      }
      return arena.allocateFrom(JAVA_LONG, strides);
    }

    @Override
    public void run() {
      AttentionKernels.softmax(
          scores.segment(),
          shape.dim(0),
          shape.dim(1),
          shape.dim(2),
          shape.dim(3),
          scale,
          bias == null ? MemorySegment.NULL : bias.segment(),
          biasStrides,
          mask == null ? MemorySegment.NULL : mask.segment(),
          maskStrides);
    }

    @Override
    public void close() {
      arena.close();
    }
  }
}
