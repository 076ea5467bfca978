package kiln.launcher.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kiln.bindings.Region;
import kiln.bindings.UserException;
import kiln.launcher.checkpoint.CheckpointContents;
import kiln.launcher.checkpoint.NetworkFiles;
import kiln.launcher.preset.Preset;
import kiln.model.diffusion.DiffusionObjective;
import kiln.model.diffusion.DiffusionSettings;
import kiln.model.diffusion.SchedulerConfig;
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
import kiln.model.plan.ParameterTable;
import kiln.model.train.BoundParameters;
import kiln.model.train.Objective;
import kiln.model.train.TrainingState;
import tools.jackson.databind.node.ObjectNode;

/** Training a UNet and its text encoder jointly, on latents of a frozen autoencoder. */
final class DiffusionWorkload implements Workload {
  private final UNet2dConditionModel unet;
  private final T5Config textConfig;
  private final T5Encoder textEncoder;
  private final AutoencoderKl vae;
  private final Region vaeRegion;
  private final BoundParameters vaeWeights;
  private final DiffusionSettings settings;
  private final ObjectNode scheduler;

  DiffusionWorkload(TrainJob job) {
    Preset preset = job.preset();
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

    Path folder = job.vae();
    AutoencoderKlConfig vaeConfig = AutoencoderKlConfig.read(folder.resolve(NetworkFiles.CONFIG));
    checkChannels(folder, vaeConfig.latentChannels(), unet.config().inChannels());
    vae = new AutoencoderKl(vaeConfig, scope(NetworkFiles.VAE));
    ParameterTable table = new ParameterTable(vae.parameters());
    vaeRegion = Region.allocate("vae weights", table.bytes());
    vaeWeights = new BoundParameters(table, vaeRegion.segment());
    NetworkFiles.read(folder, NetworkFiles.VAE, table, vaeRegion.segment());
  }

  private static ParameterScope scope(String name) {
    return new ParameterScope().child(name);
  }

  private static ConfigReader reader(Preset preset, String network, ObjectNode config) {
    return new ConfigReader("preset " + preset.name() + ": " + network, config);
  }

  private static void checkChannels(Path folder, int found, int expected) {
    if (found != expected) {
      throw new UserException("option --vae: " + folder + ": expected latents of " + expected + " channels, found " + found);
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
    List<Parameter> trained = new ArrayList<>(textEncoder.parameters());
    trained.addAll(unet.parameters());
    return new DiffusionObjective(unet, textEncoder, vae, trained, List.of(vaeWeights), with);
  }

  @Override
  public List<NetworkFiles> networks() {
    return List.of(
        NetworkFiles.diffusers(NetworkFiles.UNET, unet.config().toJson()),
        NetworkFiles.transformers(NetworkFiles.TEXT_ENCODER, textConfig.toJson()));
  }

  private NetworkFiles vaeFiles() {
    return NetworkFiles.diffusers(NetworkFiles.VAE, vae.config().toJson());
  }

  @Override
  public CheckpointContents contents(TrainingState state, Backend backend, ValidationSet samples) {
    return new CheckpointContents(
        networks(), state, List.of(new CheckpointContents.Frozen(vaeFiles(), vaeWeights)), scheduler);
  }

  @Override
  public void close() {
    vaeRegion.close();
  }
}
