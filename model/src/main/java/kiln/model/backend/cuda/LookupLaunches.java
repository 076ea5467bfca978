package kiln.model.backend.cuda;

import static kiln.model.graph.DType.F32;
import static kiln.model.graph.DType.I32;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import kiln.bindings.DeviceKernel;
import kiln.bindings.DeviceKernels;
import kiln.model.graph.Shape;
import kiln.model.op.CausalMask;
import kiln.model.op.Embedding;
import kiln.model.op.EmbeddingGrad;
import kiln.model.op.RelativePositionBias;
import kiln.model.op.RelativePositionBiasGrad;
import kiln.model.op.RelativePositionBuckets;
import kiln.model.op.SelectRows;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import kiln.model.plan.Scratch;

/** Launches of the kernels that look up rows and buckets. */
record LookupLaunches(DeviceKernels kernels, Scratch scratch) {
  Launch embedding(Embedding op, List<Buffer> in, Buffer y) {
    CudaKernels.TYPES.require(op, in, F32, I32);
    Buffer table = in.get(0);
    Buffer ids = in.get(1);
    long n = ids.type().shape().elements();
    long rows = table.type().shape().dim(0);
    long c = table.type().shape().dim(1);
    MemorySegment bad = kernels.badIndex(CudaKernels.expectedBelow(op, rows));
    return launch(DeviceKernel.EMBEDDING, n * c, table, ids, y, bad, n, rows, c);
  }

  Launch embeddingGrad(EmbeddingGrad op, List<Buffer> in, Buffer dtable) {
    CudaKernels.TYPES.require(op, in, I32, F32);
    Buffer ids = in.get(0);
    long n = ids.type().shape().elements();
    long rows = op.rows();
    long c = dtable.type().shape().last();
    MemorySegment bad = kernels.badIndex(CudaKernels.expectedBelow(op, rows));
    return launch(
        DeviceKernel.EMBEDDING_GRAD, rows, ids, in.get(1), dtable, bad, n, rows, c, (long) op.paddingIndex());
  }

  Launch selectRows(SelectRows op, List<Buffer> in, Buffer y) {
    CudaKernels.TYPES.require(op, in, I32, I32, I32);
    long n = y.type().shape().dim(0);
    long size = in.get(1).type().shape().elements();
    return launch(DeviceKernel.SELECT_ROWS, n * size, in.get(0), in.get(1), in.get(2), y, n, size);
  }

  Launch causalMask(CausalMask op, Buffer y) {
    long length = op.length();
    return launch(DeviceKernel.CAUSAL_MASK, length * length, y, length);
  }

  Launch relativePositionBias(RelativePositionBias op, List<Buffer> in, Buffer y) {
    CudaKernels.TYPES.require(op, in, F32);
    Buffer table = in.getFirst();
    Shape shape = table.type().shape();
    long heads = shape.dim(1);
    long lq = op.queryLength();
    long lk = op.keyLength();
    MemorySegment buckets = buckets(op.queryLength(), op.keyLength(), shape.dim(0), op.maxDistance(), op.bidirectional());
    return launch(DeviceKernel.RELATIVE_POSITION_BIAS, heads * lq * lk, table, buckets, y, heads, lq, lk);
  }

  Launch relativePositionBiasGrad(RelativePositionBiasGrad op, List<Buffer> in, Buffer dtable) {
    CudaKernels.TYPES.require(op, in, F32);
    Buffer dy = in.getFirst();
    Shape shape = dy.type().shape();
    long heads = shape.dim(1);
    long lq = shape.dim(2);
    long lk = shape.dim(3);
    long numBuckets = op.numBuckets();
    MemorySegment buckets = buckets(shape.dim(2), shape.dim(3), op.numBuckets(), op.maxDistance(), op.bidirectional());
    long numDiagonals = heads * (lq + lk - 1);
    Buffer diagonals = scratch.reserve(numDiagonals * Float.BYTES);
    return KernelLaunch.inOrder(
        List.of(
            launch(DeviceKernel.RELATIVE_POSITION_DIAGONALS, numDiagonals, dy, diagonals, heads, lq, lk),
            launch(
                DeviceKernel.RELATIVE_POSITION_BIAS_GRAD, numBuckets * heads, diagonals, buckets, dtable, numBuckets, heads, lq,
                lk)));
  }

  /** The buckets of all distances, where kernels can read them. */
  private MemorySegment buckets(int queryLength, int keyLength, int numBuckets, int maxDistance, boolean bidirectional) {
    int[] table = RelativePositionBuckets.table(queryLength, keyLength, numBuckets, maxDistance, bidirectional);
    try (Arena arena = Arena.ofConfined()) {
      return kernels.constant(arena.allocateFrom(ValueLayout.JAVA_INT, table));
    }
  }

  private Launch launch(DeviceKernel kernel, long items, Object... arguments) {
    return new KernelLaunch(kernels, kernel, items, arguments);
  }
}
