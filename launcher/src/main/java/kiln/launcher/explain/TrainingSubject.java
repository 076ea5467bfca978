package kiln.launcher.explain;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import kiln.bindings.UserException;
import kiln.launcher.checkpoint.NetworkFiles;
import kiln.launcher.explain.Shapes.Extent;
import kiln.launcher.explain.Subject.MemoryPart;
import kiln.launcher.parallel.Passage;
import kiln.launcher.parallel.ShardLayout;
import kiln.launcher.parallel.ShardMemory;
import kiln.launcher.parallel.ShardMode;
import kiln.launcher.preset.Preset;
import kiln.launcher.preset.PresetCatalog;
import kiln.launcher.profile.StepProfile;
import kiln.model.diffusion.DiffusionObjective;
import kiln.model.diffusion.DiffusionSettings;
import kiln.model.diffusion.SampleContents;
import kiln.model.diffusion.SchedulerConfig;
import kiln.model.diffusion.VaeObjective;
import kiln.model.graph.DType;
import kiln.model.graph.Parameter;
import kiln.model.layer.ParameterScope;
import kiln.model.network.ConfigReader;
import kiln.model.network.t5.T5Config;
import kiln.model.network.t5.T5Encoder;
import kiln.model.network.unet.UNet2dConditionConfig;
import kiln.model.network.unet.UNet2dConditionModel;
import kiln.model.network.vae.AutoencoderKl;
import kiln.model.network.vae.AutoencoderKlConfig;
import kiln.model.pass.Remat;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterTable;
import kiln.model.plan.PlanOutline;
import kiln.model.train.BatchShape;
import kiln.model.train.Objective;
import kiln.model.train.TrainingGraph;
import tools.jackson.databind.node.ObjectNode;

/** The training step of a preset on one rank, as {@code kiln train} takes it. */
final class TrainingSubject {
  private static final int[] WORLD_SIZES = {1, 2, 3, 4, 8, 16, 64, 256, 1024};

  private final Preset preset;
  private final Shapes shapes;
  private final Planner planner;
  private final AutoencoderKlConfig vaeConfig;
  private final AutoencoderKl vae;
  private final Remat remat;

  private TrainingSubject(Preset preset, Shapes shapes, Planner planner) {
    this.preset = preset;
    this.shapes = shapes;
    this.planner = planner;
    this.vaeConfig = AutoencoderKlConfig.read(new ConfigReader("preset " + preset.name() + ": vae", vaeJson(preset)));
    this.vae = new AutoencoderKl(vaeConfig, scope(NetworkFiles.VAE));
    this.remat = shapes.remat() == null ? preset.remat() : shapes.remat();
  }

  private static ObjectNode vaeJson(Preset preset) {
    if (preset.vae() != null) {
      return preset.vae();
    }
    if (preset.autoencoder() == null) {
      throw new UserException("preset " + preset.name() + ": autoencoder: expected the preset of its autoencoder, found nothing");
    }
    return PresetCatalog.get(preset.autoencoder()).vae();
  }

  private static ParameterScope scope(String name) {
    return new ParameterScope().child(name);
  }

  /**
   * @throws UserException if the shapes do not fit
   */
  static Subject of(Preset preset, Shapes shapes, Planner planner) {
    TrainingSubject subject = new TrainingSubject(preset, shapes, planner);
    return switch (preset.objective()) {
      case VAE -> subject.explainVae();
      case DIFFUSION -> subject.explainDiffusion();
    };
  }

  private int factor() {
    return 1 << (vaeConfig.blockOutChannels().size() - 1);
  }

  private Subject explainVae() {
    if (shapes.encoded()) {
      throw new UserException(
          "option --encoded: expected a preset that trains on latents, found " + preset.name() + ", which trains an autoencoder");
    }
    Extent pixels = shapes.pixels(vaeConfig.sampleSize(), factor());
    return subject(new VaeObjective(vae, (float) preset.loss().klWeight(), 0, shapes.compute()), pixels, 1, List.of());
  }

  private Subject explainDiffusion() {
    String name = "preset " + preset.name();
    UNet2dConditionConfig unetConfig = UNet2dConditionConfig.read(new ConfigReader(name + ": unet", preset.unet()));
    UNet2dConditionModel unet = new UNet2dConditionModel(unetConfig, scope(NetworkFiles.UNET));
    T5Config textConfig = T5Config.read(new ConfigReader(name + ": text_encoder", preset.textEncoder()));
    T5Encoder text = new T5Encoder(textConfig, scope(NetworkFiles.TEXT_ENCODER));
    List<Parameter> trained = new ArrayList<>(preset.trainsTextEncoder() ? text.parameters() : List.of());
    trained.addAll(unet.parameters());
    List<Parameter> frozen = new ArrayList<>(shapes.encoded() ? List.of() : vae.parameters());
    if (!preset.trainsTextEncoder() && !shapes.encoded()) {
      frozen.addAll(text.parameters());
    }
    DiffusionSettings settings =
        new DiffusionSettings(
            SchedulerConfig.schedule(preset.scheduler(), name + ": scheduler"), (float) preset.loss().minSnrGamma(),
            (float) preset.loss().captionDropout(), 0);
    Objective objective = new DiffusionObjective(unet, text, vae, trained, List.of(), settings, shapes.compute(), contents());
    Extent pixels = shapes.pixels(preset.unet().get("sample_size").intValue() * factor(), factor());
    return subject(objective, pixels, shapes.tokens(text.maxTokens()), frozen);
  }

  private SampleContents contents() {
    if (!shapes.encoded()) {
      return SampleContents.PIXELS;
    }
    return preset.trainsTextEncoder() ? SampleContents.LATENTS : SampleContents.LATENTS_AND_TEXT;
  }

  private Subject subject(Objective objective, Extent pixels, int tokens, List<Parameter> frozen) {
    int batch = shapes.batch(preset.microBatch());
    int runs = preset.microBatches();
    BatchShape shape = new BatchShape(batch, pixels.height(), pixels.width(), tokens);
    TrainingGraph traced = TrainingGraph.trace(objective, shape, runs, remat);
    try (Backend backend = planner.open().get()) {
      PlanOutline outline = traced.outline(backend, runs);
      ParameterTable table = new ParameterTable(objective.trained());
      List<MemoryPart> state = new ArrayList<>();
      state.add(new MemoryPart("weights", table.bytes()));
      state.add(new MemoryPart("gradients", table.bytes()));
      state.add(new MemoryPart("moments of the optimizer", 2 * table.bytes()));
      boolean averaged = preset.emaDecay() > 0;
      if (averaged) {
        state.add(new MemoryPart("moving average of the weights", table.bytes()));
      }
      boolean narrow = objective.compute() == DType.BF16;
      if (narrow) {
        state.add(new MemoryPart("weights in bfloat16", table.bytes() / 2));
      }
      if (!frozen.isEmpty()) {
        long bytes = new ParameterTable(frozen.stream().filter(traced.graph().parameters()::containsKey).toList()).bytes();
        state.add(MemoryPart.frozen("frozen weights", bytes, outline, shapes.compute(), planner));
      }
      long optimizer = table.bytes() + StepProfile.optimizerBytes(table.bytes(), averaged, narrow);
      return new Subject(
          describe(table, pixels, batch, tokens, runs), traced.graph(), traced.loss(), outline, state, shapes.compute(), optimizer,
          runs, planner.onDevice() ? List.of() : shards(traced, table, backend)); // what cuda does not divide yet
    }
  }

  /** With buckets of the usual size, which do not depend on the number of ranks. */
  private List<ShardMemory> shards(TrainingGraph traced, ParameterTable table, Backend backend) {
    List<ShardMemory> shards = new ArrayList<>();
    long bucketBytes = ShardLayout.bucketBytes(table);
    Passage passage = Passage.of(traced, table, ShardLayout.of(ShardMode.NONE, table, bucketBytes, 0, 1).buckets(), backend);
    boolean averaged = preset.emaDecay() > 0;
    for (int ranks : WORLD_SIZES) {
      for (ShardMode mode : ShardMode.values()) {
        ShardLayout layout = ShardLayout.of(mode, table, bucketBytes, 0, ranks);
        int runs = Math.ceilDiv(preset.microBatches(), ranks);
        shards.add(ShardMemory.of(table, layout, averaged, shapes.compute(), runs, passage));
      }
    }
    return shards;
  }

  private String describe(ParameterTable table, Extent pixels, int batch, int tokens, int runs) {
    String captions = preset.objective() == Preset.ObjectiveKind.VAE ? "" : ", captions of " + tokens + " tokens";
    String micro = runs == 1 ? "one micro-batch" : runs + " micro-batches";
    String again = remat == Remat.NONE ? "" : ", " + remat + " computed once more";
    String pictures = shapes.encoded() ? "encoded pictures" : "pictures";
    return String.format(
        Locale.ROOT,
        "training step of preset %s, %,d trained parameters: %s of %d, %s %s%s, %s%s, one rank",
        preset.name(), table.numParameters(), micro, batch, pictures, pixels, captions, Subject.name(shapes.compute()), again);
  }
}
