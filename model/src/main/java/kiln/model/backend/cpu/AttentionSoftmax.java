package kiln.model.backend.cpu;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import kiln.bindings.AttentionKernels;
import kiln.model.graph.Shape;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;

/** The softmax between attention's products, in place, for a part of the batch, with bias and mask read by strides. */
final class AttentionSoftmax implements Launch {
  private final Buffer scores;
  private final int first;
  private final int count;
  private final float scale;
  private final Buffer bias;
  private final Buffer mask;
  private final Shape shape;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment biasStrides;
  private final MemorySegment maskStrides;

  /**
   * @param scores [B, heads, Lq, Lk]
   * @param first the first entry of the batch
   * @param count how many entries of the batch
   * @param bias broadcastable to the scores, or null
   * @param mask broadcastable to the scores, or null
   */
  AttentionSoftmax(Buffer scores, int first, int count, float scale, Buffer bias, Buffer mask) {
    this.scores = scores;
    this.first = first;
    this.count = count;
    this.scale = scale;
    this.bias = bias;
    this.mask = mask;
    shape = scores.type().shape();
    biasStrides = strides(bias);
    maskStrides = strides(mask);
  }

  private MemorySegment strides(Buffer extra) {
    long[] strides = new long[4];
    for (int axis = 0; extra != null && axis < 4; axis++) {
      Shape extents = extra.type().shape();
      strides[axis] = extents.dim(axis) == 1 ? 0 : extents.product(axis + 1, 4);
    }
    return arena.allocateFrom(JAVA_LONG, strides);
  }

  @Override
  public void run() {
    AttentionKernels.softmax(
        scores.segment(),
        first,
        count,
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
