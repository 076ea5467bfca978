package kiln.model.pipeline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import kiln.bindings.UserException;
import kiln.model.diffusion.ImageRange;
import kiln.model.diffusion.Sampler;
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
    Map<Integer, List<Caption>> captions = captions();
    PlanSizes sizes = planSizes(captions.keySet());
    listener.planned(sizes);
    with.reserve(sizes);
    float[][] latents;
    try (TextEncodings encodings = new TextEncodings(with.textEncoder.width(), with.textEncoder.masksPadding())) {
      with.textPhase.run(
          ofLength -> captions.forEach((length, all) -> all.forEach(c -> ofLength.apply(length).encode(c, encodings))));
      EncodePlan.Latents start = job.start() == null ? null : encode(job.start());
      latents = denoise(encodings, start);
    }
    return decode(latents);
  }

  /** Each once, by length. */
  private Map<Integer, List<Caption>> captions() {
    Set<Caption> captions = new LinkedHashSet<>();
    for (Subject subject : job.subjects()) {
      captions.add(subject.caption());
      if (settings.guided()) {
        captions.add(subject.negative());
      }
    }
    return captions.stream().collect(Collectors.groupingBy(Caption::length, TreeMap::new, Collectors.toList()));
  }

  private PlanSizes planSizes(Collection<Integer> captionLengths) {
    return new PlanSizes(
        with.textPhase.largest(captionLengths),
        job.start() == null ? PlanSize.NONE : with.encodePhase.size(pictureShape()),
        with.denoisePhase.largest(batches.keySet()),
        with.decodePhase.largest(Batch.ofDecoding(job).stream().map(part -> decodeShape(part.size())).toList()));
  }

  private EncodePlan.Shape pictureShape() {
    return new EncodePlan.Shape(job.height(), job.width());
  }

  private DecodePlan.Shape decodeShape(int count) {
    return new DecodePlan.Shape(count, height, width);
  }

  private EncodePlan.Latents encode(StartImage start) {
    return with.encodePhase.during(ofShape -> ofShape.apply(pictureShape()).encode(start.values()));
  }

  /** The latents of every picture. */
  private float[][] denoise(TextEncodings encodings, EncodePlan.Latents start) {
    float[][] latents = new float[job.subjects().size()][];
    with.denoisePhase.run(ofShape -> batches.forEach((shape, alike) -> {
      DenoisePlan unet = ofShape.apply(shape);
      for (Batch batch : alike) {
        List<Subject> subjects = batch.places().stream().map(job.subjects()::get).toList();
        float[] all = walk(batch, unet.steered(subjects, encodings, settings), start);
        for (int i = 0; i < batch.places().size(); i++) {
          latents[batch.places().get(i)] = Arrays.copyOfRange(all, i * elements, (i + 1) * elements);
        }
      }
    }));
    return latents;
  }

  private float[] walk(Batch batch, Predictor predictor, EncodePlan.Latents start) {
    long[] numbers = batch.places().stream().mapToLong(place -> job.subjects().get(place).number()).toArray();
    DrawingNoise noise = new DrawingNoise(settings.seed(), numbers, elements);
    Walk walk = new Walk(sampler(), predictor, noise);
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

  private DecodedRange decode(float[][] latents) {
    Pixels pixels = new Pixels();
    with.decodePhase.run(ofShape -> {
      for (List<Integer> part : Batch.ofDecoding(job)) {
        float[] scaled = new float[part.size() * elements];
        for (int i = 0; i < part.size(); i++) {
          System.arraycopy(latents[part.get(i)], 0, scaled, i * elements, elements);
        }
        float[] decoded = ofShape.apply(decodeShape(part.size())).decode(scaled);
        int length = decoded.length / part.size();
        for (int i = 0; i < part.size(); i++) {
          long number = job.subjects().get(part.get(i)).number();
          listener.drawn(part.get(i), keepUnpainted(pixels.of(number, decoded, i * length, length)));
        }
      }
    });
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
