package kiln.model.diffusion;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import kiln.bindings.UserException;
import kiln.model.graph.Graph;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.network.TextEncoder;
import kiln.model.network.unet.UNet2dConditionModel;
import kiln.model.network.vae.AutoencoderKl;
import kiln.model.op.Ops;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterBinding;
import kiln.model.plan.Plan;
import kiln.model.plan.PlanBuilder;

/**
 * The three plans of a drawing, for one shape: text encoder, UNet, VAE decoder. With guidance, the first two work on twice as
 * many rows: the unconditional half first.
 */
final class PipelinePlans implements AutoCloseable {
  /** What decides the shapes. */
  record Shapes(int count, int captionLength, int height, int width, boolean guided) {
    int rows() {
      return guided ? 2 * count : count;
    }
  }

  private final Shapes shapes;
  private final Plan text;
  private final Value ids;
  private final Value idsMask;
  private final Value hidden;
  private final Plan denoise;
  private final Value noisy;
  private final Value timesteps;
  private final Value context;
  private final Value contextMask;
  private final Value prediction;
  private final Plan decode;
  private final Value latents;
  private final Value images;

  /**
   * @throws UserException if height or width is no multiple of what the VAE and the UNet reduce by
   */
  PipelinePlans(
      Shapes shapes,
      UNet2dConditionModel unet,
      TextEncoder textEncoder,
      AutoencoderKl vae,
      List<ParameterBinding> weights,
      Backend backend) {
    this.shapes = shapes;
    int rows = shapes.rows();
    int length = shapes.captionLength();
    int height = reduced("height", shapes.height(), vae, unet);
    int width = reduced("width", shapes.width(), vae, unet);
    int channels = vae.config().latentChannels();

    Graph textGraph = new Graph();
    ids = textGraph.input("ids", TensorType.i32(rows, length));
    idsMask = textGraph.input("mask", TensorType.i32(rows, length));
    hidden = textEncoder.apply(ids, idsMask); // [rows, length, dModel]
    text = plan(textGraph, hidden, weights, backend);

    Graph unetGraph = new Graph();
    noisy = unetGraph.input("noisy latents", TensorType.f32(rows, height, width, channels));
    timesteps = unetGraph.input("timesteps", TensorType.f32(rows));
    context = unetGraph.input("text", hidden.type());
    contextMask = unetGraph.input("mask", TensorType.i32(rows, length));
    prediction = unet.apply(noisy, timesteps, context, contextMask);
    denoise = plan(unetGraph, prediction, weights, backend);

    Graph vaeGraph = new Graph();
    latents = vaeGraph.input("latents", TensorType.f32(shapes.count(), height, width, channels));
    images = vae.decode(Ops.scale(latents, (float) (1 / vae.config().scalingFactor()))); // [count, H, W, 3]
    decode = plan(vaeGraph, images, weights, backend);
  }

  private static int reduced(String name, int pixels, AutoencoderKl vae, UNet2dConditionModel unet) {
    int multiple = vae.config().reduction() << (unet.config().numLevels() - 1);
    if (pixels < 1 || pixels % multiple != 0) {
      throw new UserException(name + ": expected a multiple of " + multiple + " pixels, found " + pixels);
    }
    return pixels / vae.config().reduction();
  }

  private static Plan plan(Graph graph, Value output, List<ParameterBinding> weights, Backend backend) {
    PlanBuilder builder = new PlanBuilder(graph, backend).output(output);
    weights.forEach(w -> w.bind(graph, builder));
    return builder.build();
  }

  Shapes shapes() {
    return shapes;
  }

  /** Elements of the latents of all drawings. */
  int latentElements() {
    return Math.toIntExact(latents.shape().elements());
  }

  /** Encodes the captions and, with guidance, as many empty ones before them. */
  void encodeText(Prompts prompts) {
    MemorySegment idRows = text.buffer(ids).segment();
    MemorySegment maskRows = text.buffer(idsMask).segment();
    long row = (long) shapes.captionLength() * Integer.BYTES;
    long captions = row * (shapes.rows() - shapes.count());
    for (long at = 0; at < captions; at += row) {
      EmptyCaption.write(idRows.asSlice(at, row));
      EmptyCaption.write(maskRows.asSlice(at, row));
    }
    MemorySegment.copy(prompts.ids(), 0, idRows, ValueLayout.JAVA_INT, captions, prompts.ids().length);
    MemorySegment.copy(prompts.mask(), 0, maskRows, ValueLayout.JAVA_INT, captions, prompts.mask().length);
    text.run();
    denoise.buffer(context).bind(text.buffer(hidden).segment());
    denoise.buffer(contextMask).bind(maskRows);
  }

  /** One UNet call on {@code sample · inputScale}; {@code unconditional} is filled only with guidance. */
  void predict(float[] sample, float inputScale, float timestep, float[] output, float[] unconditional) {
    int half = sample.length;
    MemorySegment in = denoise.buffer(noisy).segment();
    for (int i = 0; i < half; i++) {
      in.setAtIndex(ValueLayout.JAVA_FLOAT, i, sample[i] * inputScale);
    }
    MemorySegment times = denoise.buffer(timesteps).segment();
    for (int i = 0; i < shapes.rows(); i++) {
      times.setAtIndex(ValueLayout.JAVA_FLOAT, i, timestep);
    }
    MemorySegment out = denoise.buffer(prediction).segment();
    long conditional = 0;
    if (shapes.guided()) {
      conditional = (long) half * Float.BYTES;
      MemorySegment.copy(in, 0, in, conditional, conditional);
    }
    denoise.run();
    if (shapes.guided()) {
      MemorySegment.copy(out, ValueLayout.JAVA_FLOAT, 0, unconditional, 0, half);
    }
    MemorySegment.copy(out, ValueLayout.JAVA_FLOAT, conditional, output, 0, half);
  }

  /** Scaled latents → uint8 [count, height, width, 3]. */
  byte[] decode(float[] scaled) {
    MemorySegment.copy(scaled, 0, decode.buffer(latents).segment(), ValueLayout.JAVA_FLOAT, 0, scaled.length);
    decode.run();
    float[] values = decode.buffer(images).segment().toArray(ValueLayout.JAVA_FLOAT);
    byte[] pixels = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      pixels[i] = ImageRange.toPixel(values[i]);
    }
    return pixels;
  }

  @Override
  public void close() {
    text.close();
    denoise.close();
    decode.close();
  }
}
