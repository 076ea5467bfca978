package kiln.launcher.generate;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import kiln.launcher.backend.Backends;
import kiln.launcher.folder.Component;
import kiln.launcher.folder.ComponentKind;
import kiln.launcher.folder.ModelFolder;
import kiln.launcher.folder.Networks;
import kiln.model.diffusion.SchedulerConfig;
import kiln.model.graph.Parameter;
import kiln.model.layer.ParameterScope;
import kiln.model.network.TextEncoder;
import kiln.model.network.unet.UNet2dConditionConfig;
import kiln.model.network.unet.UNet2dConditionModel;
import kiln.model.network.vae.AutoencoderKl;
import kiln.model.network.vae.AutoencoderKlConfig;
import kiln.model.pipeline.Caption;
import kiln.model.pipeline.DecodedRange;
import kiln.model.pipeline.DrawingJob;
import kiln.model.pipeline.DrawingSettings;
import kiln.model.pipeline.LatentDiffusionPipeline;
import kiln.model.pipeline.Subject;
import kiln.model.plan.Backend;
import kiln.model.weights.WeightNames;

/** Draws captions with a latent diffusion model. */
final class LatentPainter implements AutoCloseable {
  private final DrawingOptions options;
  private final DrawingSettings settings;
  private final PromptTokens tokens;
  private final UNet2dConditionModel unet;
  private final AutoencoderKl vae;
  private final List<MappedNetwork> mapped = new ArrayList<>();
  private final Backend backend;
  private final ModelMemory memory;
  private LatentDiffusionPipeline pipeline; // null until all components are there

  /**
   * @param warnings where to say that a prompt was cut
   * @throws kiln.bindings.UserException if a component is missing, damaged, or does not fit the others
   */
  LatentPainter(ModelFolder model, DrawingOptions options, Consumer<String> warnings) {
    this.options = options;
    Component unetPart = model.require(DrawingModels.UNET, ComponentKind.UNET_2D_CONDITION);
    Component textPart = model.require(DrawingModels.TEXT_ENCODER);
    Component vaePart = model.require(DrawingModels.VAE, ComponentKind.AUTOENCODER_KL);
    Component schedulerPart = model.require(DrawingModels.SCHEDULER, ComponentKind.SCHEDULER);
    SchedulerConfig scheduler = SchedulerConfig.read(schedulerPart.requireConfig());
    settings = options.settings(scheduler);
    unet = new UNet2dConditionModel(UNet2dConditionConfig.read(unetPart.requireConfig()), scope(DrawingModels.UNET));
    TextEncoder textEncoder = TextEncoders.open(textPart, scope(DrawingModels.TEXT_ENCODER));
    tokens = new PromptTokens(PromptTokens.tokenizer(model, textPart, textEncoder), warnings);
    vae = new AutoencoderKl(AutoencoderKlConfig.read(vaePart.requireConfig()), scope(DrawingModels.VAE));
    backend = Backends.open(options.backend());
    boolean opened = false;
    try {
      MappedNetwork text = map(textPart, textEncoder.parameters());
      MappedNetwork denoiser = map(unetPart, unet.parameters());
      MappedNetwork autoencoder = map(vaePart, vae.parameters());
      memory = new ModelMemory(text.bytes(), denoiser.bytes(), autoencoder.bytes(), options.lowMemory());
      LatentDiffusionPipeline.Weights weights = new LatentDiffusionPipeline.Weights(text, denoiser, autoencoder);
      pipeline = new LatentDiffusionPipeline(textEncoder, unet, vae, scheduler, weights, backend, options.compute());
      opened = true;
    } finally {
      if (!opened) {
        close();
      }
    }
  }

  private static ParameterScope scope(String name) {
    return new ParameterScope().child(name);
  }

  private MappedNetwork map(Component component, List<Parameter> parameters) {
    WeightNames names = Networks.weightNames(component.kind());
    MappedNetwork network =
        new MappedNetwork(component, names, parameters, component.name() + ".", !options.lowMemory());
    mapped.add(network);
    return network;
  }

  DrawingSettings settings() {
    return settings;
  }

  /** Height and width of the pictures that the networks were trained on. */
  int side() {
    return unet.config().sampleSize() * vae.config().reduction();
  }

  /** What height and width must be multiples of. */
  int multiple() {
    return vae.config().reduction();
  }

  /**
   * Draws one picture per prompt; picture {@code i} has the noise of number {@code i}, however many there are.
   *
   * @param negative what guidance steers away from; empty for nothing in particular
   * @param sink takes the pictures, not in order
   * @throws kiln.bindings.UserException if the size is none that the networks can draw
   */
  void draw(List<String> prompts, String negative, Canvas canvas, DrawingReport report, PictureSink sink) {
    Caption away = tokens.caption("negative prompt", negative);
    List<Subject> subjects = new ArrayList<>();
    for (String prompt : prompts) {
      Caption caption = tokens.caption("prompt " + (subjects.size() + 1), prompt);
      subjects.add(new Subject(caption, away, subjects.size()));
    }
    DrawingJob job =
        new DrawingJob(subjects, canvas.height(), canvas.width(), settings, options.batch(), canvas.start());
    try {
      DecodedRange range = pipeline.draw(job, new PaintListener(canvas, memory, report, sink));
      report.finished(range, Backends.peakMegabytes(backend));
    } finally {
      report.end();
    }
  }

  /** The same, kept in the order of the prompts. */
  List<Drawing> draw(List<String> prompts, Canvas canvas, DrawingReport report) {
    BufferedImage[] pictures = new BufferedImage[prompts.size()];
    draw(prompts, "", canvas, report, (place, picture) -> pictures[place] = picture);
    return IntStream.range(0, pictures.length).mapToObj(i -> new Drawing(prompts.get(i), pictures[i])).toList();
  }

  @Override
  public void close() {
    if (pipeline != null) {
      pipeline.close();
    }
    mapped.forEach(MappedNetwork::close);
    backend.close();
  }
}
