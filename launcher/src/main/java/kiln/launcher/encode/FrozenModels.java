package kiln.launcher.encode;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kiln.bindings.UserException;
import kiln.data.Bucket;
import kiln.data.encoded.EncodedShape;
import kiln.launcher.checkpoint.FrozenNetwork;
import kiln.launcher.checkpoint.NetworkFiles;
import kiln.launcher.preset.Precision;
import kiln.model.diffusion.SampleEncoder;
import kiln.model.graph.Graph;
import kiln.model.layer.ParameterScope;
import kiln.model.network.t5.T5Config;
import kiln.model.network.t5.T5Encoder;
import kiln.model.network.vae.AutoencoderKl;
import kiln.model.network.vae.AutoencoderKlConfig;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterBinding;
import kiln.model.plan.PlanBuilder;

/** The networks that encode a data set, with their weights in the pages of their files. */
final class FrozenModels implements ParameterBinding, AutoCloseable {
  /** Padding, end and unknown, and the 256 bytes. */
  private static final int BYT5_TOKENS = 259;

  private final AutoencoderKl vae;
  private final FrozenNetwork vaeWeights;
  private final T5Encoder textEncoder; // null if captions are not encoded
  private final FrozenNetwork textWeights; // likewise

  /**
   * @param textFolder null to encode pictures only
   * @throws UserException if a folder does not hold such a network
   */
  FrozenModels(Path vaeFolder, Path textFolder) {
    vae = new AutoencoderKl(AutoencoderKlConfig.read(vaeFolder.resolve(NetworkFiles.CONFIG)), scope(NetworkFiles.VAE));
    T5Config config = textFolder == null ? null : T5Config.read(textFolder.resolve(NetworkFiles.CONFIG));
    if (config != null && config.vocabSize() < BYT5_TOKENS) {
      throw new UserException(
          textFolder + ": vocab_size: expected at least " + BYT5_TOKENS + ", as ByT5 has it, found " + config.vocabSize());
    }
    vaeWeights =
        FrozenNetwork.open(vaeFolder, NetworkFiles.diffusers(NetworkFiles.VAE, vae.config().toJson()), vae.parameters());
    textEncoder = config == null ? null : new T5Encoder(config, scope(NetworkFiles.TEXT_ENCODER));
    textWeights =
        config == null
            ? null
            : FrozenNetwork.open(
                textFolder,
                NetworkFiles.transformers(NetworkFiles.TEXT_ENCODER, config.toJson()),
                textEncoder.parameters());
  }

  private static ParameterScope scope(String name) {
    return new ParameterScope().child(name);
  }

  private List<FrozenNetwork> networks() {
    List<FrozenNetwork> networks = new ArrayList<>(List.of(vaeWeights));
    if (textWeights != null) {
      networks.add(textWeights);
    }
    return networks;
  }

  String vaeFingerprint() {
    return vaeWeights.fingerprint();
  }

  /** Null if captions are not encoded. */
  String textFingerprint() {
    return textWeights == null ? null : textWeights.fingerprint();
  }

  boolean encodesText() {
    return textEncoder != null;
  }

  /** Bytes of their weights. */
  long bytes() {
    return networks().stream().mapToLong(FrozenNetwork::bytes).sum();
  }

  /** Writes a folder for each below {@code parent}. */
  void write(Path parent) throws IOException {
    for (FrozenNetwork network : networks()) {
      network.write(parent);
    }
  }

  /**
   * What becomes of the samples of a bucket.
   *
   * @throws UserException if the autoencoder cannot take pictures of that size
   */
  EncodedShape shape(Bucket bucket) {
    int reduction = vae.config().reduction();
    if (bucket.height() % reduction != 0 || bucket.width() % reduction != 0) {
      throw new UserException(
          "option --vae: expected pictures with sides that " + reduction + " divides, found bucket " + bucket);
    }
    return new EncodedShape(
        bucket.height() / reduction,
        bucket.width() / reduction,
        vae.config().latentChannels(),
        textEncoder == null ? 0 : textEncoder.width());
  }

  SampleEncoder encoder(Backend backend, Precision precision) {
    return new SampleEncoder(vae, textEncoder, this, backend, precision.compute());
  }

  @Override
  public void bind(Graph graph, PlanBuilder builder) {
    networks().forEach(network -> network.bind(graph, builder));
  }

  @Override
  public void close() {
    networks().forEach(FrozenNetwork::close);
  }
}
