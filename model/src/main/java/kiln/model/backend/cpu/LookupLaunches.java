package kiln.model.backend.cpu;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static kiln.model.graph.DType.F32;
import static kiln.model.graph.DType.I32;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import kiln.bindings.IndexKernels;
import kiln.model.graph.Shape;
import kiln.model.op.CausalMask;
import kiln.model.op.Embedding;
import kiln.model.op.EmbeddingGrad;
import kiln.model.op.Op;
import kiln.model.op.RelativePositionBias;
import kiln.model.op.RelativePositionBiasGrad;
import kiln.model.op.RelativePositionBuckets;
import kiln.model.op.SelectRows;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import kiln.model.plan.Scratch;

/** Launches of the kernels that look up rows and buckets. */
final class LookupLaunches {
  private LookupLaunches() {}

  static Launch embedding(Embedding op, List<Buffer> in, List<Buffer> out) {
    NativeKernels.require(op, in, F32, I32);
    Buffer table = in.get(0);
    Buffer ids = in.get(1);
    Buffer y = out.getFirst();
    long n = ids.type().shape().elements();
    long rows = table.type().shape().dim(0);
    long c = table.type().shape().dim(1);
    return () -> {
      long bad = IndexKernels.embedding(table.segment(), ids.segment(), y.segment(), n, rows, c);
      checkIndex(bad, op, ids, rows);
    };
  }

  static Launch embeddingGrad(EmbeddingGrad op, List<Buffer> in, List<Buffer> out) {
    NativeKernels.require(op, in, I32, F32);
    Buffer ids = in.get(0);
    Buffer dy = in.get(1);
    Buffer dtable = out.getFirst();
    long n = ids.type().shape().elements();
    long rows = op.rows();
    long c = dy.type().shape().last();
    long padding = op.paddingIndex();
    return () -> {
      long bad = IndexKernels.embeddingGrad(ids.segment(), dy.segment(), dtable.segment(), n, rows, c, padding);
      checkIndex(bad, op, ids, rows);
    };
  }

  /**
   * @param position where a kernel found an index outside [0, limit), or -1
   */
  static void checkIndex(long position, Op op, Buffer indices, long limit) {
    if (position >= 0) {
      int found = indices.segment().getAtIndex(JAVA_INT, position);
      throw new IndexOutOfBoundsException(op + ": expected indices below " + limit + ", found " + found + " at " + position);
    }
  }

  static Launch selectRows(SelectRows op, List<Buffer> in, List<Buffer> out) {
    NativeKernels.require(op, in, I32, I32, I32);
    Buffer x = in.get(0);
    Buffer alternative = in.get(1);
    Buffer keep = in.get(2);
    Buffer y = out.getFirst();
    long n = x.type().shape().dim(0);
    long size = alternative.type().shape().elements();
    return () -> IndexKernels.selectRows(x.segment(), alternative.segment(), keep.segment(), y.segment(), n, size);
  }

  static Launch causalMask(CausalMask op, List<Buffer> out) {
    Buffer y = out.getFirst();
    long length = op.length();
    return () -> IndexKernels.causalMask(y.segment(), length);
  }

  static Launch relativePositionBias(RelativePositionBias op, List<Buffer> in, List<Buffer> out) {
    NativeKernels.require(op, in, F32);
    Buffer table = in.getFirst();
    Buffer y = out.getFirst();
    Shape shape = table.type().shape();
    long lq = op.queryLength();
    long lk = op.keyLength();
    long heads = shape.dim(1);
    MemorySegment buckets = buckets(op.queryLength(), op.keyLength(), shape.dim(0), op.maxDistance(), op.bidirectional());
    return () -> IndexKernels.relativePositionBias(table.segment(), buckets, y.segment(), heads, lq, lk);
  }

  static Launch relativePositionBiasGrad(RelativePositionBiasGrad op, List<Buffer> in, List<Buffer> out, Scratch scratch) {
    NativeKernels.require(op, in, F32);
    Buffer dy = in.getFirst();
    Buffer dtable = out.getFirst();
    Shape shape = dy.type().shape();
    long heads = shape.dim(1);
    long lq = shape.dim(2);
    long lk = shape.dim(3);
    long numBuckets = op.numBuckets();
    MemorySegment buckets = buckets(shape.dim(2), shape.dim(3), op.numBuckets(), op.maxDistance(), op.bidirectional());
    Buffer diagonals = scratch.reserve(heads * (lq + lk - 1) * Float.BYTES);
    return () ->
        IndexKernels.relativePositionBiasGrad(
            dy.segment(), buckets, dtable.segment(), diagonals.segment(), numBuckets, heads, lq, lk);
  }

  /** The buckets of all distances in native memory, which lives as long as its launch. */
  private static MemorySegment buckets(int queryLength, int keyLength, int numBuckets, int maxDistance, boolean bidirectional) {
    int[] table = RelativePositionBuckets.table(queryLength, keyLength, numBuckets, maxDistance, bidirectional);
    return Arena.ofAuto().allocateFrom(JAVA_INT, table);
  }
}
