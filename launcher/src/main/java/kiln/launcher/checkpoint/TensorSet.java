package kiln.launcher.checkpoint;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kiln.model.train.StatePart;

/**
 * Tensors that lie side by side in a checkpoint: one part of the training state, of one network or of all.
 *
 * @param folder in the checkpoint
 * @param stem of the files' names
 * @param prefix of the parameters that belong to it; the files do not have it
 * @param part of the state
 */
record TensorSet(Path folder, String stem, String prefix, StatePart part) {
  /** All that a checkpoint holds of networks that are trained, in the order in which it is written. */
  static List<TensorSet> all(List<NetworkFiles> networks, boolean averaged) {
    List<TensorSet> sets = new ArrayList<>();
    for (NetworkFiles network : networks) {
      sets.add(of(network, Path.of(network.folder()), StatePart.WEIGHTS));
      if (averaged) {
        sets.add(of(network, Path.of(CheckpointLayout.AVERAGE, network.folder()), StatePart.AVERAGE));
      }
    }
    Path optimizer = Path.of(CheckpointLayout.OPTIMIZER);
    sets.add(new TensorSet(optimizer, CheckpointLayout.MOMENT1, "", StatePart.FIRST_MOMENT));
    sets.add(new TensorSet(optimizer, CheckpointLayout.MOMENT2, "", StatePart.SECOND_MOMENT));
    return sets;
  }

  private static TensorSet of(NetworkFiles network, Path folder, StatePart part) {
    return new TensorSet(folder, network.stem(), network.prefix(), part);
  }
}
