package kiln.model.diffusion;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.network.TextEncoder;
import kiln.model.network.vae.AutoencoderKl;
import kiln.model.network.vae.Moments;
import kiln.model.op.Ops;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterBinding;
import kiln.model.plan.Plan;
import kiln.model.plan.PlanBuilder;

/**
 * Runs the frozen networks of {@link DiffusionObjective} ahead of training, and keeps what they make, rounded to bfloat16. What
 * becomes of a sample depends on the sample alone. Of each network, the plan for the latest shape is kept.
 */
public final class SampleEncoder implements AutoCloseable {
  /** Pixels, or tokens, of a run: enough to be busy with, and not more memory than one large picture takes. */
  private static final long PIXELS = 512 * 512;

  private static final long TOKENS = 8192;

  private final AutoencoderKl vae;
  private final TextEncoder textEncoder;
  private final ParameterBinding weights;
  private final Backend backend;
  private final DType compute;
  private PicturePlan pictures; // null until the first is made
  private CaptionPlan captions; // likewise

  private record PictureShape(int samples, int height, int width) {}

  private record CaptionShape(int samples, int length) {}

  private record PicturePlan(PictureShape shape, Value pixels, Value mean, Value logvar, Plan plan) {}

  private record CaptionPlan(CaptionShape shape, Value ids, Value mask, Value states, Plan plan) {}

  /**
   * @param textEncoder one that masks padding; null if captions are not to be encoded
   * @param weights of both; must outlive this object
   */
  public SampleEncoder(
      AutoencoderKl vae, TextEncoder textEncoder, ParameterBinding weights, Backend backend, DType compute) {
    this.vae = vae;
    this.textEncoder = textEncoder;
    this.weights = weights;
    this.backend = backend;
    this.compute = compute;
  }

  /**
   * Encodes pictures.
   *
   * @param pixels uint8 [count, height, width, 3]
   * @param mean where the latents' mean goes: bfloat16 [count, h, w, latentChannels], not scaled
   * @param logvar where the logarithm of their variance goes
   */
  public void encode(int count, int height, int width, MemorySegment pixels, MemorySegment mean, MemorySegment logvar) {
    int n = atOnce(count, (long) height * width, PIXELS);
    PicturePlan p = pictures(new PictureShape(n, height, width));
    for (int run = 0; run < count / n; run++) {
      p.plan.buffer(p.pixels).bind(part(pixels, run, count / n));
      p.plan.run();
      part(mean, run, count / n).copyFrom(p.plan.buffer(p.mean).segment());
      part(logvar, run, count / n).copyFrom(p.plan.buffer(p.logvar).segment());
    }
  }

  /**
   * Encodes captions.
   *
   * @param ids int32 [tokens.length, length]
   * @param mask int32 of the same shape, 1 for the first {@code tokens[i]} tokens of caption i
   * @param states where the states of these tokens go, one caption after the other: bfloat16 [sum of tokens, width]
   */
  public void encode(int length, int[] tokens, MemorySegment ids, MemorySegment mask, MemorySegment states) {
    int n = atOnce(tokens.length, length, TOKENS);
    CaptionPlan p = captions(new CaptionShape(n, length));
    int runs = tokens.length / n;
    long rowBytes = rowBytes();
    long at = 0;
    for (int run = 0; run < runs; run++) {
      p.plan.buffer(p.ids).bind(part(ids, run, runs));
      p.plan.buffer(p.mask).bind(part(mask, run, runs));
      p.plan.run();
      MemorySegment padded = p.plan.buffer(p.states).segment();
      for (int i = 0; i < n; i++) {
        long bytes = tokens[run * n + i] * rowBytes;
        MemorySegment.copy(padded, i * length * rowBytes, states, at, bytes);
        at += bytes;
      }
    }
  }

  /** Writes the state of the empty caption's only token, bfloat16 [width]. */
  public void encodeEmptyCaption(MemorySegment state) {
    int length = 2;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment caption = arena.allocate(ValueLayout.JAVA_INT, length);
      EmptyCaption.write(caption);
      encode(length, new int[] {1}, caption, caption, state);
    }
  }

  /** Bytes of the state of one token. */
  public long rowBytes() {
    return (long) textEncoder.width() * DType.BF16.bytes();
  }

  /** As many as divide {@code count} and are together no more than {@code limit}; at least one. */
  private static int atOnce(int count, long size, long limit) {
    int n = count;
    while (n > 1 && (count % n != 0 || n * size > limit)) {
      n--;
    }
    return n;
  }

  private static MemorySegment part(MemorySegment whole, int i, int parts) {
    long bytes = whole.byteSize() / parts;
    return whole.asSlice(i * bytes, bytes);
  }

  private PicturePlan pictures(PictureShape shape) {
    if (pictures == null || !pictures.shape.equals(shape)) {
      closePictures();
      Graph graph = new Graph();
      Value pixels = graph.input("pixels", new TensorType(DType.U8, Shape.of(shape.samples, shape.height, shape.width, 3)));
      Moments moments = vae.encode(Ops.cast(ImageRange.fromPixels(pixels), compute));
      Value mean = Ops.cast(moments.mean(), DType.BF16);
      Value logvar = Ops.cast(moments.logvar(), DType.BF16);
      pictures = new PicturePlan(shape, pixels, mean, logvar, plan(graph, mean, logvar));
    }
    return pictures;
  }

  private CaptionPlan captions(CaptionShape shape) {
    if (captions == null || !captions.shape.equals(shape)) {
      closeCaptions();
      Graph graph = new Graph();
      Value ids = graph.input("ids", TensorType.i32(shape.samples, shape.length));
      Value mask = graph.input("mask", TensorType.i32(shape.samples, shape.length));
      Value states = Ops.cast(textEncoder.apply(ids, mask, compute), DType.BF16);
      captions = new CaptionPlan(shape, ids, mask, states, plan(graph, states));
    }
    return captions;
  }

  private Plan plan(Graph graph, Value... outputs) {
    PlanBuilder builder = new PlanBuilder(graph, backend);
    for (Value output : outputs) {
      builder.output(output);
    }
    graph.parameters().values().forEach(builder::constant);
    weights.bind(graph, builder);
    return builder.build();
  }

  private void closePictures() {
    if (pictures != null) {
      pictures.plan.close();
    }
  }

  private void closeCaptions() {
    if (captions != null) {
      captions.plan.close();
    }
  }

  @Override
  public void close() {
    closePictures();
    closeCaptions();
  }
}
