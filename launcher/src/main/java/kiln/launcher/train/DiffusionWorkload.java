package kiln.launcher.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kiln.bindings.UserException;
import kiln.launcher.checkpoint.Completion;
import kiln.launcher.checkpoint.FrozenNetwork;
import kiln.launcher.checkpoint.NetworkFiles;
import kiln.launcher.checkpoint.TrainingRecord;
import kiln.launcher.pipeline.PipelineDocuments;
import kiln.launcher.preset.Preset;
import kiln.model.diffusion.DiffusionObjective;
import kiln.model.diffusion.DiffusionSettings;
import kiln.model.diffusion.SampleContents;
import kiln.model.diffusion.SchedulerConfig;
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
import kiln.model.plan.Backend;
import kiln.model.train.Objective;
import kiln.model.train.TrainingState;
import tools.jackson.databind.node.ObjectNode;

/** Training a UNet, and its text encoder jointly if the preset wants so, on latents of a frozen autoencoder. */
final class DiffusionWorkload implements Workload {
  private final UNet2dConditionModel unet;
  private final T5Config textConfig;
  private final T5Encoder textEncoder;
  private final AutoencoderKl vae;
  private final boolean trainsTextEncoder;
  private final List<FrozenNetwork> frozen = new ArrayList<>();
  private final List<FrozenNetwork> run = new ArrayList<>(); // those of them whose work the data do not hold
  private final DiffusionSettings settings;
  private final ObjectNode scheduler;
  private final int captionLength;
  private final SampleContents contents;
  private final DType compute;

  /**
   * @param captionLength tokens of the longest captions in the data
   * @param held what its samples hold; text states are of no use to a text encoder that is trained
   */
  DiffusionWorkload(TrainJob job, int captionLength, SampleContents held) {
    this.captionLength = captionLength;
    Preset preset = job.preset();
    compute = preset.precision().compute();
    UNet2dConditionConfig unetConfig = UNet2dConditionConfig.read(reader(preset, NetworkFiles.UNET, preset.unet()));
    unet = new UNet2dConditionModel(unetConfig, scope(NetworkFiles.UNET));
    textConfig = T5Config.read(reader(preset, NetworkFiles.TEXT_ENCODER, preset.textEncoder()));
    textEncoder = new T5Encoder(textConfig, scope(NetworkFiles.TEXT_ENCODER));
    scheduler = preset.scheduler();
    settings =
        new DiffusionSettings(
            SchedulerConfig.schedule(scheduler, "preset " + preset.name() + ": scheduler"),
            (float) preset.loss().minSnrGamma(),
            (float) preset.loss().captionDropout(),
            job.seed());

    AutoencoderKlConfig vaeConfig = AutoencoderKlConfig.read(job.vae().resolve(NetworkFiles.CONFIG));
    checkChannels(job.vae(), vaeConfig.latentChannels(), unet.config().inChannels());
    vae = new AutoencoderKl(vaeConfig, scope(NetworkFiles.VAE));
    trainsTextEncoder = preset.trainsTextEncoder();
    contents = trainsTextEncoder && held.hasText() ? SampleContents.LATENTS : held;
    add(FrozenNetwork.open(job.vae(), vaeFiles(), vae.parameters()), !contents.hasLatents());
    if (!trainsTextEncoder) {
      add(FrozenNetwork.open(job.textEncoder(), textEncoderFiles(), textEncoder.parameters()), !contents.hasText());
    }
  }

  private void add(FrozenNetwork network, boolean runs) {
    frozen.add(network);
    if (runs) {
      run.add(network);
    }
  }

  private static ParameterScope scope(String name) {
    return new ParameterScope().child(name);
  }

  private static ConfigReader reader(Preset preset, String network, ObjectNode config) {
    return new ConfigReader("preset " + preset.name() + ": " + network, config);
  }

  private static void checkChannels(Path folder, int found, int expected) {
    if (found != expected) {
      throw new UserException(folder + ": expected latents of " + expected + " channels, found " + found);
    }
  }

  @Override
  public Objective training() {
    return objective(settings);
  }

  @Override
  public Objective validation() {
    return objective(settings.withoutDropout(VALIDATION_SEED));
  }

  private Objective objective(DiffusionSettings with) {
    // In the order of forward, so that backward completes the table from its end.
    List<Parameter> trained = new ArrayList<>(trainsTextEncoder ? textEncoder.parameters() : List.of());
    trained.addAll(unet.parameters());
    return new DiffusionObjective(unet, textEncoder, vae, trained, List.copyOf(run), with, compute, contents);
  }

  @Override
  public long frozenBytes() {
    return run.stream().mapToLong(FrozenNetwork::bytes).sum();
  }

  @Override
  public List<NetworkFiles> networks() {
    return trainsTextEncoder ? List.of(unetFiles(), textEncoderFiles()) : List.of(unetFiles());
  }

  private NetworkFiles unetFiles() {
    return NetworkFiles.diffusers(NetworkFiles.UNET, unet.config().toJson());
  }

  private NetworkFiles textEncoderFiles() {
    return NetworkFiles.transformers(NetworkFiles.TEXT_ENCODER, textConfig.toJson());
  }

  private NetworkFiles vaeFiles() {
    return NetworkFiles.diffusers(NetworkFiles.VAE, vae.config().toJson());
  }

  @Override
  public List<FrozenNetwork> frozen() {
    return List.copyOf(frozen);
  }

  @Override
  public boolean measuresAverage() {
    return false;
  }

  @Override
  public Completion completion(TrainingState state, TrainingRecord record, Backend backend, ValidationSet samples) {
    Map<String, ObjectNode> configs = new TreeMap<>();
    for (NetworkFiles network : List.of(unetFiles(), textEncoderFiles(), vaeFiles())) {
      configs.put(network.folder(), network.config());
    }
    return new Completion(networks(), PipelineDocuments.of(configs, scheduler, captionLength), record);
  }

  @Override
  public void close() {
    frozen.forEach(FrozenNetwork::close);
  }
}
