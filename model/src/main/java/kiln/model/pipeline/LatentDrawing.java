package kiln.model.pipeline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kiln.bindings.UserException;
import kiln.model.diffusion.ImageRange;
import kiln.model.diffusion.Sampler;
import kiln.model.plan.ParameterBinding;
import kiln.model.random.Stream;

/** One job on its way through the phases of a {@link LatentDiffusionPipeline}. */
final class LatentDrawing {
  private final LatentDiffusionPipeline with;
  private final DrawingJob job;
  private final DrawingListener listener;
  private final DrawingSettings settings;
  private final Map<DenoisePlan.Shape, List<Batch>> batches = new LinkedHashMap<>();
  private final int height; // of the latents
  private final int width;
  private final int elements; // of one picture's latents
  private final int skippedSteps;
  private final int totalSteps;
  private int stepsDone;

  /**
   * @throws UserException if the job is none that the networks and the sampler can do
   */
  LatentDrawing(LatentDiffusionPipeline with, DrawingJob job, DrawingListener listener) {
    this.with = with;
    this.job = job;
    this.listener = listener;
    settings = job.settings();
    height = reduced("height", job.height());
    width = reduced("width", job.width());
    elements = height * width * with.vae.config().latentChannels();
    skippedSteps = job.start() == null ? 0 : job.start().skippedSteps(settings.sampler().steps());
    List<Batch> all = Batch.of(job);
    all.forEach(batch -> batches.computeIfAbsent(shape(batch), s -> new ArrayList<>()).add(batch));
    totalSteps = sampler().timesteps().length * all.size();
  }

  private int reduced(String name, int pixels) {
    int multiple = with.vae.config().reduction();
    if (pixels % multiple != 0) {
      throw new UserException(name + ": expected a multiple of " + multiple + " pixels, found " + pixels);
    }
    return pixels / multiple;
  }

  private Sampler sampler() {
    return with.scheduler.sampler(settings.sampler(), skippedSteps);
  }

  private DenoisePlan.Shape shape(Batch batch) {
    return new DenoisePlan.Shape(batch.places().size(), batch.captionLength(), height, width, settings.guided());
  }

  DecodedRange draw() {
    TextPhase text = new TextPhase(with.textEncoder, with.backend, with.compute);
    List<Caption> captions = captions();
    EncodePhase encode =
        job.start() == null
            ? null
            : new EncodePhase(with.vae, job.height(), job.width(), with.backend, with.compute);
    listener.planned(planSizes(text, captions, encode));
    float[][] latents;
    try (TextEncodings encodings = with.weights.textEncoder().during(w -> text.encode(captions, w))) {
      EncodePhase.Latents start =
          encode == null ? null : with.weights.vae().during(w -> encode.encode(job.start().values(), w));
      latents = with.weights.unet().during(w -> denoise(encodings, start, w));
    }
    return with.weights.vae().during(w -> decode(latents, w));
  }

  private List<Caption> captions() {
    List<Caption> captions = new ArrayList<>();
    for (Subject subject : job.subjects()) {
      captions.add(subject.caption());
      if (settings.guided()) {
        captions.add(subject.negative());
      }
    }
    return captions;
  }

  private PlanSizes planSizes(TextPhase text, List<Caption> captions, EncodePhase encode) {
    long denoise = batches.keySet().stream().mapToLong(shape -> traced(shape).planBytes()).max().orElse(0);
    long decode = tracedDecoder(Batch.ofDecoding(job).getFirst().size()).planBytes();
    return new PlanSizes(text.planBytes(captions), encode == null ? 0 : encode.planBytes(), denoise, decode);
  }

  private DenoisePlan.Traced traced(DenoisePlan.Shape shape) {
    return new DenoisePlan.Traced(shape, with.unet, with.textEncoder, with.backend, with.compute);
  }

  private DecodePlan.Traced tracedDecoder(int count) {
    return new DecodePlan.Traced(count, height, width, with.vae, with.backend, with.compute);
  }

  /** The latents of every picture. */
  private float[][] denoise(TextEncodings encodings, EncodePhase.Latents start, ParameterBinding weights) {
    float[][] latents = new float[job.subjects().size()][];
    batches.forEach((shape, alike) -> {
      try (DenoisePlan plan = new DenoisePlan(traced(shape), weights, settings)) {
        for (Batch batch : alike) {
          plan.steer(batch.places().stream().map(job.subjects()::get).toList(), encodings);
          float[] all = walk(batch, plan, start);
          for (int i = 0; i < batch.places().size(); i++) {
            latents[batch.places().get(i)] = Arrays.copyOfRange(all, i * elements, (i + 1) * elements);
          }
        }
      }
    });
    return latents;
  }

  private float[] walk(Batch batch, DenoisePlan plan, EncodePhase.Latents start) {
    long[] numbers = batch.places().stream().mapToLong(place -> job.subjects().get(place).number()).toArray();
    DrawingNoise noise = new DrawingNoise(settings.seed(), numbers, elements);
    Walk walk = new Walk(sampler(), plan, noise);
    if (start == null) {
      return walk.run(this::stepped);
    }
    float[] clean = start.sample(noise.normal(Stream.DRAWING_POSTERIOR, 0));
    boolean[] cells = job.start().repaintedCells(job.height(), job.width(), with.vae.config().reduction());
    return walk.run(clean, cells, job.start().forgotten(), this::stepped);
  }

  private void stepped(int index) {
    stepsDone++;
    listener.stepped(stepsDone, totalSteps);
  }

  private DecodedRange decode(float[][] latents, ParameterBinding weights) {
    Pixels pixels = new Pixels();
    for (List<Integer> part : Batch.ofDecoding(job)) {
      float[] scaled = new float[part.size() * elements];
      for (int i = 0; i < part.size(); i++) {
        System.arraycopy(latents[part.get(i)], 0, scaled, i * elements, elements);
      }
      float[] decoded;
      try (DecodePlan plan = new DecodePlan(tracedDecoder(part.size()), weights)) {
        decoded = plan.decode(scaled);
      }
      int bytes = decoded.length / part.size();
      for (int i = 0; i < part.size(); i++) {
        long number = job.subjects().get(part.get(i)).number();
        listener.drawn(part.get(i), keepUnpainted(pixels.of(number, decoded, i * bytes, bytes)));
      }
    }
    return pixels.range();
  }

  /** The start's own pixels where nothing was to be repainted. */
  private byte[] keepUnpainted(byte[] picture) {
    StartImage start = job.start();
    if (start != null && start.repaint() != null) {
      for (int i = 0; i < picture.length; i++) {
        if (!start.repaint()[i / 3]) {
          picture[i] = ImageRange.toPixel(start.values()[i]);
        }
      }
    }
    return picture;
  }
}
