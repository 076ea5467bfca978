package kiln.launcher.train;

import java.util.List;
import java.util.Map;
import kiln.launcher.checkpoint.Completion;
import kiln.launcher.checkpoint.FrozenNetwork;
import kiln.launcher.checkpoint.NetworkFiles;
import kiln.launcher.checkpoint.TrainingRecord;
import kiln.launcher.preset.Preset;
import kiln.model.diffusion.VaeObjective;
import kiln.model.graph.DType;
import kiln.model.layer.ParameterScope;
import kiln.model.network.ConfigReader;
import kiln.model.network.vae.AutoencoderKl;
import kiln.model.network.vae.AutoencoderKlConfig;
import kiln.model.plan.Backend;
import kiln.model.train.BoundParameters;
import kiln.model.train.Objective;
import kiln.model.train.TrainingState;
import tools.jackson.databind.node.ObjectNode;

/** Training an autoencoder. */
final class VaeWorkload implements Workload {
  private final AutoencoderKl vae;
  private final float klWeight;
  private final long seed;
  private final DType compute;

  VaeWorkload(TrainJob job) {
    Preset preset = job.preset();
    vae = new AutoencoderKl(config(preset), new ParameterScope().child(NetworkFiles.VAE));
    klWeight = (float) preset.loss().klWeight();
    seed = job.seed();
    compute = preset.precision().compute();
  }

  private static AutoencoderKlConfig config(Preset preset) {
    return AutoencoderKlConfig.read(new ConfigReader("preset " + preset.name() + ": " + NetworkFiles.VAE, preset.vae()));
  }

  @Override
  public Objective training() {
    return new VaeObjective(vae, klWeight, seed, compute);
  }

  @Override
  public Objective validation() {
    return new VaeObjective(vae, klWeight, VALIDATION_SEED, compute);
  }

  @Override
  public long frozenBytes() {
    return 0;
  }

  @Override
  public List<NetworkFiles> networks() {
    return List.of(NetworkFiles.diffusers(NetworkFiles.VAE, vae.config().toJson()));
  }

  @Override
  public List<FrozenNetwork> frozen() {
    return List.of();
  }

  @Override
  public boolean measuresAverage() {
    return true;
  }

  /** With the scale that brings the latents of the averaged weights to unit variance, which diffusion wants. */
  @Override
  public Completion completion(TrainingState state, TrainingRecord record, Backend backend, ValidationSet samples) {
    BoundParameters average = new BoundParameters(state.table(), state.average());
    double scale = 1 / LatentDeviation.measure(vae, average, backend, samples);
    ObjectNode config = vae.config().toJson().put("scaling_factor", scale);
    return new Completion(List.of(NetworkFiles.diffusers(NetworkFiles.VAE, config)), Map.of(), record);
  }

  @Override
  public void close() {}
}
