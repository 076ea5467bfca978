package kiln.model.pipeline;

import java.util.List;
import java.util.stream.IntStream;
import kiln.bindings.UserException;
import kiln.model.diffusion.Sampler;
import kiln.model.diffusion.SchedulerConfig;
import kiln.model.graph.DType;
import kiln.model.network.unet.UNet2dConfig;
import kiln.model.network.unet.UNet2dModel;
import kiln.model.plan.Backend;

/**
 * Noise to pictures with one network that works on pixels, with a class or without: diffusers' {@code DDPMPipeline} and {@code
 * DDIMPipeline}. If the weights are {@linkplain NetworkWeights#fixed fixed}, the plan that ran last is kept for drawings of the
 * same shape.
 */
public final class PixelDiffusionPipeline implements AutoCloseable {
  private static final int RGB = 3;

  private final UNet2dModel unet;
  private final SchedulerConfig scheduler;
  private final Phase<PixelPlan.Shape, PixelPlan> phase;
  private final SharedRegion memory;

  /**
   * @param weights of the network; they must outlive the pipeline
   * @param compute what the network computes in, float32 or bfloat16
   * @throws UserException if the network does not draw pictures
   */
  public PixelDiffusionPipeline(
      UNet2dModel unet, SchedulerConfig scheduler, NetworkWeights weights, Backend backend, DType compute) {
    memory = new SharedRegion(backend.memory());
    this.unet = unet;
    this.scheduler = scheduler;
    phase = new Phase<>(weights, memory, weights.fixed(), shape -> new PixelPlan(shape, unet, backend, compute));
    int in = unet.config().inChannels();
    int out = unet.config().outChannels();
    if (in != 1 && in != RGB) {
      throw new UserException("unet: in_channels: expected 3, or 1 for grey pictures, found " + in);
    }
    if (out != in) {
      throw new UserException("unet: out_channels: expected " + in + " as in_channels (no learned variances), found " + out);
    }
  }

  /**
   * Draws {@code job.count()} pictures, and hands each to the listener. One job at a time.
   *
   * @throws UserException if the class is none of the network's, there are too many steps, or values are not finite
   */
  public synchronized DecodedRange draw(PixelJob job, DrawingListener listener) {
    checkClass(job.label());
    List<List<Integer>> batches =
        Batch.even(IntStream.range(0, job.count()).boxed().toList(), job.largestBatch());
    int steps = sampler(job).timesteps().length;
    PlanSize size = phase.largest(batches.stream().map(batch -> shape(batch.size(), job)).toList());
    listener.planned(new PlanSizes(PlanSize.NONE, PlanSize.NONE, size, PlanSize.NONE));
    reserve(size.region());
    Pixels pixels = new Pixels();
    phase.run(ofShape -> {
      for (List<Integer> batch : batches) {
        int done = batches.indexOf(batch) * steps;
        PixelPlan network = ofShape.apply(shape(batch.size(), job));
        draw(job, batch, network, pixels, listener, done, steps * batches.size());
      }
    });
    return pixels.range();
  }

  private void reserve(long bytes) {
    if (!memory.holds(bytes)) {
      phase.close();
    }
    memory.reserve(bytes);
  }

  private void draw(
      PixelJob job,
      List<Integer> batch,
      PixelPlan network,
      Pixels pixels,
      DrawingListener listener,
      int stepsBefore,
      int totalSteps) {
    int channels = unet.config().inChannels();
    int elements = job.height() * job.width() * channels;
    long[] numbers = batch.stream().mapToLong(number -> number).toArray();
    DrawingNoise noise = new DrawingNoise(job.settings().seed(), numbers, elements);
    Walk walk = new Walk(sampler(job), network.of(job.label()), noise);
    float[] drawn = walk.run(index -> listener.stepped(stepsBefore + index + 1, totalSteps));
    for (int i = 0; i < batch.size(); i++) {
      byte[] picture = pixels.of(batch.get(i), drawn, i * elements, elements);
      listener.drawn(batch.get(i), channels == RGB ? picture : grey(picture));
    }
  }

  private Sampler sampler(PixelJob job) {
    return scheduler.sampler(job.settings().sampler());
  }

  private static PixelPlan.Shape shape(int count, PixelJob job) {
    return new PixelPlan.Shape(count, job.height(), job.width(), job.label() != null);
  }

  private void checkClass(Integer label) {
    UNet2dConfig config = unet.config();
    switch (config.classEmbedType()) {
      case NONE -> {
        if (label != null) {
          throw new UserException("option --class: expected none, for the network knows no classes, found " + label);
        }
      }
      case TABLE -> {
        String expected = "option --class: expected 0 to " + (config.numClassEmbeds() - 1);
        if (label == null) {
          throw new UserException(expected + ", found none");
        }
        if (label < 0 || label >= config.numClassEmbeds()) {
          throw new UserException(expected + ", found " + label);
        }
      }
      case TIMESTEP -> {
        if (label == null) {
          throw new UserException("option --class: expected a number, found none");
        }
      }
      case IDENTITY ->
          throw new UserException("unet: class_embed_type: expected null or timestep, found identity, which takes vectors");
    }
  }

  /** [H, W, 1] → [H, W, 3]. */
  private static byte[] grey(byte[] picture) {
    byte[] rgb = new byte[RGB * picture.length];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = picture[i / RGB];
    }
    return rgb;
  }

  /** Gives back what is kept; not the weights. */
  @Override
  public synchronized void close() {
    phase.close();
    memory.close();
  }
}
