package kiln.model.backend.cuda;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import kiln.bindings.DeviceKernel;
import kiln.bindings.cuda.CudaType;
import kiln.bindings.cuda.CudnnAttention;
import kiln.bindings.cuda.CudnnAttention.Bias;
import kiln.bindings.cuda.CudnnGraph;
import kiln.bindings.cuda.CudnnNumerics;
import kiln.bindings.cuda.CudnnPlan;
import kiln.model.backend.cuda.KernelLaunch.At;
import kiln.model.graph.DType;
import kiln.model.graph.Shape;
import kiln.model.op.Attention;
import kiln.model.op.AttentionGrad;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import kiln.model.plan.Scratch;

/**
 * Attention and its gradient as one kernel of cuDNN's each, where it has one: bfloat16, and heads of a width that it takes. A
 * mask becomes a bias that keeps nothing of a dropped key. The same bits at every run.
 *
 * <p>Where all keys of a row are dropped, attention is even as the operation says, but the logarithm is that of {@link #DROPPED},
 * and gradients are those of scores that were not divided by their sum: such rows are to have no gradient.
 *
 * @param maxWorkspace bytes of scratch memory that the gradient may keep scores in: it works on as many samples at a time as fit
 */
record FusedAttention(CudaEngine engine, long maxWorkspace, Scratch scratch) {
  /** What is added to the score of a dropped key: finite, so that it stays so when cuDNN multiplies it by log₂ e. */
  private static final float DROPPED = -1e30f;

  /** Scratch memory that a plan may need beside what it keeps of scores. */
  private static final long TABLES = 1 << 20;

  private static final long ALIGNMENT = 16;

  /** What a plan is made for. */
  private record Key(boolean backward, boolean biasGradient, CudnnAttention attention) {}

  /**
   * What both directions work on.
   *
   * @param extras bias and mask, as many as there are
   */
  private record Task(int numHeads, float scale, Buffer q, Buffer k, Buffer v, List<Buffer> extras) {
    static Task of(Attention op, List<Buffer> in) {
      int numExtras = (op.bias() ? 1 : 0) + (op.mask() ? 1 : 0);
      return new Task(op.numHeads(), op.scale(), in.get(0), in.get(1), in.get(2), in.subList(3, 3 + numExtras));
    }

    List<Shape> shapes() {
      return extras.stream().map(x -> x.type().shape()).toList();
    }

    int numSamples() {
      return q.type().shape().dim(0);
    }

    long numQueries() {
      return q.type().shape().dim(1);
    }

    /** Scores of so many samples. */
    CudnnAttention attention(long samples) {
      Shape shape = q.type().shape();
      List<Bias> biases =
          shapes().stream().map(s -> new Bias(Math.min(samples, s.dim(0)), s.dim(1), s.dim(2), s.dim(3))).toList();
      return new CudnnAttention(
          samples, numHeads, shape.dim(1), k.type().shape().dim(1), shape.last() / numHeads, v.type().shape().last() / numHeads,
          scale, biases, CudaType.BF16);
    }

    /** Where x, one part for every sample, has that of {@code sample}. */
    static At at(Buffer x, long sample) {
      return new At(x, sample * x.type().shape().product(1, x.type().shape().rank()) * x.type().dtype().bytes());
    }

    /**
     * Puts the inputs of both directions, from a sample on.
     *
     * @param biases the extras in float32
     */
    void put(Map<Long, At> tensors, List<Buffer> biases, long sample) {
      tensors.put(CudnnAttention.Q, at(q, sample));
      tensors.put(CudnnAttention.K, at(k, sample));
      tensors.put(CudnnAttention.V, at(v, sample));
      for (int i = 0; i < extras.size(); i++) {
        Shape shape = extras.get(i).type().shape();
        long offset = shape.dim(0) == 1 ? 0 : sample * shape.product(1, 4) * Float.BYTES;
        tensors.put(CudnnAttention.BIAS + i, new At(biases.get(i), offset));
      }
    }
  }

  /** Empty where cuDNN has no kernel for it. */
  Optional<Launch> forward(Attention op, List<Buffer> in, List<Buffer> out) {
    if (!fits(op.numHeads(), in)) {
      return Optional.empty();
    }
    Task t = Task.of(op, in);
    Optional<CudnnPlan> plan = forwardPlan(t);
    if (plan.isEmpty()) {
      return Optional.empty();
    }
    List<Launch> steps = new ArrayList<>();
    Map<Long, At> tensors = new HashMap<>();
    t.put(tensors, biases(t, steps), 0);
    tensors.put(CudnnAttention.Y, new At(out.get(0), 0));
    tensors.put(CudnnAttention.LOG_SUM, new At(out.get(1), 0));
    steps.add(new CudnnLaunch(engine, plan.get(), tensors, scratch));
    return Optional.of(KernelLaunch.inOrder(steps));
  }

  /** Empty where cuDNN has no kernel for it, or has none for {@link #forward}, whose logarithms it needs. */
  Optional<Launch> backward(AttentionGrad op, List<Buffer> in, List<Buffer> out) {
    Attention forward = new Attention(op.numHeads(), op.scale(), op.bias(), op.mask());
    if (!fits(op.numHeads(), in) || (op.bias() && !in.get(3).type().shape().equals(out.get(3).type().shape()))) {
      return Optional.empty();
    }
    Task t = Task.of(forward, in);
    int samples = samplesTogether(t, op.bias());
    if (samples == 0 || forwardPlan(t).isEmpty()) {
      return Optional.empty();
    }
    CudnnAttention attention = t.attention(samples);
    Optional<CudnnPlan> plan =
        plan(new Key(true, op.bias(), attention), () -> attention.backward(true, op.bias()), maxWorkspace + TABLES);
    if (plan.isEmpty()) {
      return Optional.empty();
    }
    List<Launch> steps = new ArrayList<>();
    List<Buffer> biases = biases(t, steps);
    Buffer rowSum = scratch.reserve((long) samples * op.numHeads() * t.numQueries() * Float.BYTES);
    Buffer dbias = op.bias() ? scratch.reserve(out.get(3).type().shape().elements() * Short.BYTES) : null;
    for (int first = 0; first < t.numSamples(); first += samples) {
      Map<Long, At> tensors = new HashMap<>();
      t.put(tensors, biases, first);
      tensors.put(CudnnAttention.Y, Task.at(in.get(in.size() - 3), first));
      tensors.put(CudnnAttention.LOG_SUM, Task.at(in.get(in.size() - 2), first));
      tensors.put(CudnnAttention.DY, Task.at(in.getLast(), first));
      tensors.put(CudnnAttention.DQ, Task.at(out.get(0), first));
      tensors.put(CudnnAttention.DK, Task.at(out.get(1), first));
      tensors.put(CudnnAttention.DV, Task.at(out.get(2), first));
      tensors.put(CudnnAttention.ROW_SUM, new At(rowSum, 0));
      if (op.bias()) {
        tensors.put(CudnnAttention.DBIAS, new At(dbias, 0));
      }
      steps.add(new CudnnLaunch(engine, plan.get(), tensors, scratch));
    }
    if (op.bias()) {
      long n = out.get(3).type().shape().elements();
      steps.add(new KernelLaunch(engine, DeviceKernel.WIDEN, n, dbias, out.get(3), n));
    }
    return Optional.of(KernelLaunch.inOrder(steps));
  }

  private static boolean fits(int numHeads, List<Buffer> in) {
    return in.subList(0, 3).stream()
        .allMatch(x -> x.type().dtype() == DType.BF16 && x.type().shape().last() / numHeads % 8 == 0);
  }

  /** The extras in float32; launches added to {@code steps} make them of masks. */
  private List<Buffer> biases(Task t, List<Launch> steps) {
    List<Buffer> biases = new ArrayList<>();
    for (Buffer extra : t.extras) {
      biases.add(extra.type().dtype() == DType.F32 ? extra : biasOf(extra, steps));
    }
    return biases;
  }

  private Buffer biasOf(Buffer mask, List<Launch> steps) {
    long n = mask.type().shape().elements();
    return KeptCopy.of(
        engine,
        mask,
        n * Float.BYTES,
        place -> new KernelLaunch(engine, DeviceKernel.AFFINE_I32, n, mask, place, n, -DROPPED, DROPPED),
        steps,
        scratch);
  }

  private Optional<CudnnPlan> forwardPlan(Task t) {
    CudnnAttention attention = t.attention(t.numSamples());
    return plan(new Key(false, false, attention), attention::forward, TABLES);
  }

  private Optional<CudnnPlan> plan(Key key, Supplier<CudnnGraph> graph, long bytes) {
    return engine.plan(key, graph, CudnnNumerics.REPEATABLE, bytes);
  }

  /**
   * Samples whose scores the scratch memory of the gradient may hold: a divisor of all, 0 if not even one's. A bias for all
   * samples has a gradient that all of them add to.
   */
  private int samplesTogether(Task t, boolean biasGradient) {
    long scores = t.numHeads * t.numQueries() * t.k.type().shape().dim(1) * Short.BYTES; // of a sample, in bytes
    int samples = t.numSamples();
    while (samples > 0 && (t.numSamples() % samples != 0 || samples * scores > maxWorkspace)) {
      samples--;
    }
    boolean aligned = samples == t.numSamples() || samples * t.numHeads * t.numQueries() * Float.BYTES % ALIGNMENT == 0;
    for (Shape shape : t.shapes()) {
      aligned &= shape.dim(0) == 1 || samples == t.numSamples() || samples * shape.product(1, 4) * Float.BYTES % ALIGNMENT == 0;
    }
    return aligned && (!biasGradient || samples == t.numSamples()) ? samples : 0;
  }
}
