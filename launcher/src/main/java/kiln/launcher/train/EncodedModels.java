package kiln.launcher.train;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import kiln.bindings.UserException;
import kiln.data.encoded.EncodedManifest;
import kiln.data.encoded.Origin;
import kiln.data.queue.Manifest;
import kiln.data.queue.Preparation;
import kiln.launcher.checkpoint.FrozenNetwork;
import kiln.launcher.checkpoint.NetworkFiles;
import kiln.launcher.preset.Preset;
import kiln.launcher.transfer.NetworkConfigs;
import kiln.model.layer.ParameterScope;
import kiln.model.network.ConfigReader;
import kiln.model.network.t5.T5Config;
import kiln.model.network.t5.T5Encoder;
import kiln.model.network.vae.AutoencoderKl;
import kiln.model.network.vae.AutoencoderKlConfig;
import tools.jackson.databind.node.ObjectNode;

/**
 * The networks that an encoded data set was made with, copies of which it holds. A run on it takes these, or others that are the
 * same: not the files are compared, but the fingerprints of configuration and weights.
 */
final class EncodedModels {
  private final Path data;
  private final Origin origin;

  private EncodedModels(Path data, Origin origin) {
    this.data = data;
    this.origin = origin;
  }

  /**
   * Those of a data set; empty if it is one of pictures.
   *
   * @throws UserException if a run of the preset cannot use it, or what it was made of has changed since
   */
  static Optional<EncodedModels> of(Path data, Preset preset) {
    if (!EncodedManifest.isIn(data)) {
      if (Files.exists(data.resolve(Manifest.FILE)) || Preparation.read(data).isEmpty()) {
        Manifest.read(data);
      }
      return Optional.empty();
    }
    Origin origin = EncodedManifest.read(data).origin();
    if (preset.objective() == Preset.ObjectiveKind.VAE) {
      throw new UserException(
          "option --data: " + data + " holds latents, expected pictures: preset " + preset.name() + " trains an autoencoder");
    }
    Path source = Path.of(origin.source());
    if (Files.exists(source.resolve(Manifest.FILE)) && !Origin.fingerprint(source).equals(origin.data())) {
      throw new UserException(
          "option --data: " + data + " was made of an earlier version of " + source + ": encode it again with ./kiln data encode");
    }
    return Optional.of(new EncodedModels(data, origin));
  }

  /** The data set's own copy of the autoencoder. */
  Path vae() {
    return data.resolve(NetworkFiles.VAE);
  }

  /** The data set's own copy of the text encoder; empty if its captions are not encoded. */
  Optional<Path> textEncoder() {
    return origin.hasText() ? Optional.of(data.resolve(NetworkFiles.TEXT_ENCODER)) : Optional.empty();
  }

  /**
   * @throws UserException if the autoencoder is not the one that the data set was made with
   */
  void checkVae(Path folder) {
    AutoencoderKlConfig config = AutoencoderKlConfig.read(folder.resolve(NetworkFiles.CONFIG));
    AutoencoderKl vae = new AutoencoderKl(config, new ParameterScope().child(NetworkFiles.VAE));
    NetworkFiles files = NetworkFiles.diffusers(NetworkFiles.VAE, config.toJson());
    try (FrozenNetwork network = FrozenNetwork.open(folder, files, vae.parameters())) {
      check("autoencoder", folder, origin.vae(), network.fingerprint());
    }
  }

  /**
   * @throws UserException if the text encoder is not the one that the data set was made with, or not the preset's network
   */
  void checkTextEncoder(Path folder, Preset preset) {
    if (!origin.hasText()) {
      return;
    }
    T5Config config = T5Config.read(folder.resolve(NetworkFiles.CONFIG));
    T5Encoder encoder = new T5Encoder(config, new ParameterScope().child(NetworkFiles.TEXT_ENCODER));
    NetworkFiles files = NetworkFiles.transformers(NetworkFiles.TEXT_ENCODER, config.toJson());
    try (FrozenNetwork network = FrozenNetwork.open(folder, files, encoder.parameters())) {
      check("text encoder", folder, origin.textEncoder(), network.fingerprint());
    }
    String recipe = "preset " + preset.name();
    ObjectNode expected =
        NetworkConfigs.normalized(
            NetworkFiles.TEXT_ENCODER, new ConfigReader(recipe + ": " + NetworkFiles.TEXT_ENCODER, preset.textEncoder()));
    NetworkConfigs.difference(config.toJson(), expected, Set.of())
        .ifPresent(
            difference -> {
              throw new UserException(folder.resolve(NetworkFiles.CONFIG) + ": " + difference + ", as " + recipe + " has it");
            });
  }

  private void check(String what, Path folder, String expected, String found) {
    if (!found.equals(expected)) {
      throw new UserException(
          "option --data: " + data + " was encoded with another " + what + " than " + folder + ": expected fingerprint "
              + expected.substring(0, 16) + ", found " + found.substring(0, 16));
    }
  }
}
