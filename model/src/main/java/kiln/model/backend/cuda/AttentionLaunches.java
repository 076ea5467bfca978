package kiln.model.backend.cuda;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import kiln.bindings.DeviceKernel;
import kiln.bindings.DeviceKernels;
import kiln.model.backend.cuda.HeadProducts.Matrices;
import kiln.model.graph.DType;
import kiln.model.graph.Shape;
import kiln.model.op.Attention;
import kiln.model.op.AttentionGrad;
import kiln.model.op.Binary;
import kiln.model.op.Op;
import kiln.model.op.Span;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import kiln.model.plan.Scratch;

/**
 * Attention and its gradient made of products and softmax, for what a fused kernel does not take: float32, any width of the heads,
 * any bias and mask. Scores lie in scratch memory, as many samples at a time as {@code maxScores} allows, at least one.
 */
record AttentionLaunches(DeviceKernels kernels, HeadProducts products, long maxScores, Scratch scratch) {
  /** What both directions work on. {@code bias} and {@code mask} may be null. */
  private record Task(int numHeads, float scale, Buffer q, Buffer k, Buffer v, Buffer bias, Buffer mask) {
    static Task of(int numHeads, float scale, boolean bias, boolean mask, List<Buffer> in) {
      Buffer biased = bias ? in.get(3) : null;
      Buffer masked = mask ? in.get(bias ? 4 : 3) : null;
      return new Task(numHeads, scale, in.get(0), in.get(1), in.get(2), biased, masked);
    }

    long numSamples() {
      return q.type().shape().dim(0);
    }

    long numQueries() {
      return q.type().shape().dim(1);
    }

    long numKeys() {
      return k.type().shape().dim(1);
    }

    /** Scores of one sample. */
    long numScores() {
      return numHeads * numQueries() * numKeys();
    }

    boolean bf16() {
      return q.type().dtype() == DType.BF16;
    }

    /** The heads of x [B, L, heads·D] from a sample on. */
    Matrices heads(Buffer x, long sample) {
      Shape shape = x.type().shape();
      long width = shape.last();
      long perSample = shape.dim(1) * width;
      long offset = sample * perSample * x.type().dtype().bytes();
      return new Matrices(x, offset, bf16(), shape.dim(1), width / numHeads, width, width / numHeads, perSample);
    }

    /** Scores [samples, heads, Lq, Lk] that start a scratch buffer. */
    Matrices scores(Buffer x, boolean narrow) {
      long size = numQueries() * numKeys();
      return new Matrices(x, 0, narrow, numQueries(), numKeys(), numKeys(), size, numScores());
    }

    /** kiln_scores in kernels.h. */
    long[] layout(long samples) {
      long[] numbers = new long[12];
      numbers[0] = samples;
      numbers[1] = numHeads;
      numbers[2] = numQueries();
      numbers[3] = numKeys();
      putStrides(bias, numbers, 4);
      putStrides(mask, numbers, 8);
      return numbers;
    }

    /** Strides of an extra on [B, heads, Lq, Lk]: 0 along an axis that it is repeated over. */
    private static void putStrides(Buffer extra, long[] numbers, int at) {
      for (int axis = 0; extra != null && axis < 4; axis++) {
        Shape extents = extra.type().shape();
        numbers[at + axis] = extents.dim(axis) == 1 ? 0 : extents.product(axis + 1, 4);
      }
    }
  }

  private long samplesTogether(Task t) {
    return Math.clamp(maxScores / t.numScores(), 1, t.numSamples());
  }

  Launch forward(Attention op, List<Buffer> in, List<Buffer> out) {
    Task t = Task.of(op.numHeads(), op.scale(), op.bias(), op.mask(), in);
    check(op, in, t);
    Buffer scores = floats(samplesTogether(t) * t.numScores());
    Buffer p = probabilities(t, scores);
    List<Launch> launches = new ArrayList<>();
    for (long first = 0; first < t.numSamples(); first += samplesTogether(t)) {
      long samples = Math.min(samplesTogether(t), t.numSamples() - first);
      addProbabilities(t, first, samples, scores, p, out.get(1), launches);
      launches.add(
          products.multiply(
              samples, t.numHeads, t.scores(p, t.bf16()), false, t.heads(t.v, first), false, t.heads(out.get(0), first), 1));
    }
    return KernelLaunch.inOrder(launches);
  }

  Launch backward(AttentionGrad op, List<Buffer> in, List<Buffer> out) {
    Task t = Task.of(op.numHeads(), op.scale(), op.bias(), op.mask(), in);
    check(op, in, t);
    Buffer dy = in.getLast();
    long together = samplesTogether(t) * t.numScores();
    Buffer scores = floats(together);
    Buffer p = probabilities(t, scores);
    Buffer dp = floats(together);
    Buffer logSumExp = floats(samplesTogether(t) * t.numHeads * t.numQueries());
    List<Launch> launches = new ArrayList<>();
    for (long first = 0; first < t.numSamples(); first += samplesTogether(t)) {
      long samples = Math.min(samplesTogether(t), t.numSamples() - first);
      addProbabilities(t, first, samples, scores, p, logSumExp, launches);
      Matrices weights = t.scores(p, t.bf16());
      Matrices slopes = t.heads(dy, first);
      launches.add(multiply(t, samples, weights, true, slopes, false, t.heads(out.get(2), first), 1));
      launches.add(multiply(t, samples, slopes, false, t.heads(t.v, first), true, t.scores(dp, false), 1));
      long rows = samples * t.numHeads * t.numQueries();
      launches.add(
          launch(DeviceKernel.ATTENTION_SOFTMAX_GRAD, rows, t.bf16() ? 1 : 0, p, dp, p, rows, t.numKeys())); // ds over p
      launches.add(multiply(t, samples, weights, false, t.heads(t.k, first), false, t.heads(out.get(0), first), t.scale));
      launches.add(multiply(t, samples, weights, true, t.heads(t.q, first), false, t.heads(out.get(1), first), t.scale));
      if (op.bias()) {
        addBiasGradient(t, first, samples, p, out.get(3), launches);
      }
    }
    return KernelLaunch.inOrder(launches);
  }

  /** The bias' gradient of some samples from that of the scores: summed over them if the bias is one for all. */
  private void addBiasGradient(Task t, long first, long samples, Buffer ds, Buffer dbias, List<Launch> launches) {
    int bf16 = t.bf16() ? 1 : 0;
    boolean shared = dbias.type().shape().dim(0) == 1;
    ReductionLaunches reductions = new ReductionLaunches(kernels, scratch);
    if (shared && first > 0) {
      Buffer more = floats(t.numScores());
      launches.add(reductions.sum(bf16, ds, more, new Span(1, samples, t.numScores())));
      launches.add(
          launch(
              DeviceKernel.BINARY, t.numScores(), 0, Binary.Kind.ADD.ordinal(), dbias, more, dbias, 1L, 1L, t.numScores()));
    } else if (shared) {
      launches.add(reductions.sum(bf16, ds, dbias, new Span(1, samples, t.numScores())));
    } else {
      long n = samples * t.numScores();
      KernelLaunch.At place = new KernelLaunch.At(dbias, first * t.numScores() * Float.BYTES);
      launches.add(
          t.bf16()
              ? launch(DeviceKernel.WIDEN, n, ds, place, n)
              : launch(DeviceKernel.COPY_BLOCKS, n, ds, place, 1L, n * Float.BYTES, 0L, 0L, 0L, 0L));
    }
  }

  /** Adds what computes the probabilities of {@code samples} samples from the first on. */
  private void addProbabilities(
      Task t, long first, long samples, Buffer scores, Buffer p, Buffer logSumExp, List<Launch> launches) {
    launches.add(multiply(t, samples, t.heads(t.q, first), false, t.heads(t.k, first), true, t.scores(scores, false), 1));
    long rows = t.numHeads * t.numQueries();
    boolean whole = logSumExp.type().dtype() == DType.F32; // the operation's output, not scratch for a pass
    launches.add(
        launch(
            DeviceKernel.ATTENTION_SOFTMAX, samples * rows, t.bf16() ? 1 : 0, scores, extra(t.bias, first),
            extra(t.mask, first), p, new KernelLaunch.At(logSumExp, whole ? first * rows * Float.BYTES : 0), t.layout(samples),
            t.scale));
  }

  /** The part of a bias or mask, which may be null, that belongs to a sample and those after it. */
  private static Object extra(Buffer extra, long sample) {
    if (extra == null) {
      return MemorySegment.NULL;
    }
    Shape shape = extra.type().shape();
    return new KernelLaunch.At(extra, shape.dim(0) == 1 ? 0 : sample * shape.product(1, 4) * Float.BYTES);
  }

  /** Where probabilities lie: over the scores if they have the same type. */
  private Buffer probabilities(Task t, Buffer scores) {
    return t.bf16() ? scratch.reserve(samplesTogether(t) * t.numScores() * Short.BYTES) : scores;
  }

  private Launch multiply(
      Task t, long samples, Matrices a, boolean transposeA, Matrices b, boolean transposeB, Matrices c, float factor) {
    return products.multiply(samples, t.numHeads, a, transposeA, b, transposeB, c, factor);
  }

  private static void check(Op op, List<Buffer> in, Task t) {
    if (!t.q.type().dtype().isFloat()) {
      throw CudaKernels.TYPES.missing(op, in);
    }
  }

  private Buffer floats(long count) {
    return scratch.reserve(count * Float.BYTES);
  }

  private Launch launch(DeviceKernel kernel, long items, Object... arguments) {
    return new KernelLaunch(kernels, kernel, items, arguments);
  }
}
