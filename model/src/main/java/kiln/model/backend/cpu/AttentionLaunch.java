package kiln.model.backend.cpu;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import kiln.bindings.AttentionKernels;
import kiln.bindings.NativeLibraries;
import kiln.model.graph.DType;
import kiln.model.graph.Shape;
import kiln.model.op.Attention;
import kiln.model.op.AttentionGrad;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import kiln.model.plan.Scratch;

/** Launches of the kernels of {@code native/cpu} for attention and its gradient, which read heads where they lie. */
abstract sealed class AttentionLaunch implements Launch {
  private final Arena arena = Arena.ofShared();
  private final Buffer bias;
  private final Buffer mask;
  final Buffer q;
  final Buffer k;
  final Buffer v;
  final MemorySegment shape;
  final float scale;

  private AttentionLaunch(Op op, List<Buffer> in) {
    q = in.get(0);
    k = in.get(1);
    v = in.get(2);
    bias = op.bias ? in.get(3) : null;
    mask = op.mask ? in.get(op.bias ? 4 : 3) : null;
    scale = op.scale;
    shape = arena.allocateFrom(JAVA_LONG, shape(op.numHeads));
  }

  /** What the operations have in common. */
  private record Op(int numHeads, float scale, boolean bias, boolean mask) {}

  /** The fields of {@code kiln_attention_shape}. */
  private long[] shape(int numHeads) {
    Shape queries = q.type().shape(); // [B, Lq, heads·D]
    Shape keys = k.type().shape();
    long[] fields = new long[17];
    fields[0] = queries.dim(0);
    fields[1] = numHeads;
    fields[2] = queries.dim(1);
    fields[3] = keys.dim(1);
    fields[4] = queries.last() / numHeads;
    fields[5] = v.type().shape().last() / numHeads;
    putStrides(bias, fields, 6);
    putStrides(mask, fields, 10);
    fields[14] = bias == null ? 0 : bias.type().shape().dim(0);
    fields[15] = q.type().dtype() == DType.BF16 ? 1 : 0;
    fields[16] = NativeLibraries.numThreads();
    return fields;
  }

  /** Strides of an extra on [B, heads, Lq, Lk]. */
  private static void putStrides(Buffer extra, long[] fields, int at) {
    for (int axis = 0; extra != null && axis < 4; axis++) {
      Shape extents = extra.type().shape();
      fields[at + axis] = extents.dim(axis) == 1 ? 0 : extents.product(axis + 1, 4);
    }
  }

  final MemorySegment bias() {
    return bias == null ? MemorySegment.NULL : bias.segment();
  }

  final MemorySegment mask() {
    return mask == null ? MemorySegment.NULL : mask.segment();
  }

  @Override
  public void close() {
    arena.close();
  }

  /** Inputs and outputs of {@link Attention}. */
  static final class Forward extends AttentionLaunch {
    private final Buffer y;
    private final Buffer logSumExp;
    private final Buffer scratch;

    Forward(Attention op, List<Buffer> in, List<Buffer> out, Scratch scratch) {
      super(new Op(op.numHeads(), op.scale(), op.bias(), op.mask()), in);
      y = out.get(0);
      logSumExp = out.get(1);
      this.scratch = scratch.reserve(AttentionKernels.attentionScratch(shape));
    }

    @Override
    public void run() {
      AttentionKernels.attention(
          q.segment(), k.segment(), v.segment(), bias(), mask(), y.segment(), logSumExp.segment(), scratch.segment(), shape,
          scale);
    }
  }

  /** Inputs and outputs of {@link AttentionGrad}. */
  static final class Backward extends AttentionLaunch {
    private final Buffer y;
    private final Buffer logSumExp;
    private final Buffer dy;
    private final List<Buffer> out;
    private final Buffer scratch;

    Backward(AttentionGrad op, List<Buffer> in, List<Buffer> out, Scratch scratch) {
      super(new Op(op.numHeads(), op.scale(), op.bias(), op.mask()), in);
      y = in.get(in.size() - 3);
      logSumExp = in.get(in.size() - 2);
      dy = in.getLast();
      this.out = out;
      this.scratch = scratch.reserve(AttentionKernels.attentionGradScratch(shape));
    }

    @Override
    public void run() {
      MemorySegment dbias = out.size() == 4 ? out.get(3).segment() : MemorySegment.NULL;
      AttentionKernels.attentionGrad(
          q.segment(), k.segment(), v.segment(), bias(), mask(), y.segment(), logSumExp.segment(), dy.segment(),
          out.get(0).segment(), out.get(1).segment(), out.get(2).segment(), dbias, scratch.segment(), shape, scale);
    }
  }
}
