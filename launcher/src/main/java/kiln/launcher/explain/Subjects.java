package kiln.launcher.explain;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import kiln.bindings.UserException;
import kiln.launcher.preset.Near;
import kiln.launcher.preset.NetworkCatalog;
import kiln.launcher.preset.Precision;
import kiln.launcher.preset.PresetCatalog;

/** What can be explained: the training step of a preset, or the forward pass of a published network. */
public final class Subjects {
  private Subjects() {}

  /** What training computes in if a user does not say, as the preset has it. */
  public static Precision precision(String name, List<String> settings) {
    return PresetCatalog.names().contains(name) ? PresetCatalog.get(name, settings).precision() : Precision.FLOAT32;
  }

  /** Samples of one forward if a user does not say, as the preset has it. */
  public static int batch(String name, List<String> settings) {
    return PresetCatalog.names().contains(name) ? PresetCatalog.get(name, settings).microBatch() : 1;
  }

  /**
   * @param settings values of the preset to replace
   * @param planner what lays the plan out
   * @throws UserException if there is no such preset or network, or the shapes do not fit it
   */
  public static Subject of(String name, List<String> settings, Shapes shapes, Planner planner) {
    if (PresetCatalog.names().contains(name)) {
      return TrainingSubject.of(PresetCatalog.get(name, settings), shapes, planner);
    }
    Optional<NetworkCatalog.Network> network = NetworkCatalog.find(name);
    if (network.isEmpty()) {
      List<String> known = Stream.concat(PresetCatalog.names().stream(), NetworkCatalog.names().stream()).toList();
      throw new UserException("option --preset: unknown preset or network " + name + Near.hint(name, known));
    }
    if (!settings.isEmpty()) {
      throw new UserException("option --set: expected a preset to change, found network " + name);
    }
    if (shapes.encoded()) {
      throw new UserException("option --encoded: expected a preset, which is trained, found network " + name);
    }
    return NetworkSubject.of(network.get(), shapes, planner);
  }
}
