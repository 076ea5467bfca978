package kiln.launcher.checkpoint;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import kiln.launcher.parallel.ShardPlan;
import kiln.model.train.StatePart;
import kiln.model.weights.SafetensorsWriter;
import kiln.model.weights.WeightFiles;

/** The tensors of a checkpoint: which rank writes which, and how. */
final class CheckpointShards {
  private final int rank;
  private final int ranks;
  private final boolean averaged;
  private final List<ShardFiles> sets;
  private final List<FrozenNetwork> frozen;

  CheckpointShards(
      ShardPlan plan, int rank, List<NetworkFiles> networks, List<FrozenNetwork> frozen, boolean averaged) {
    this.rank = rank;
    this.ranks = plan.ranks();
    this.averaged = averaged;
    this.sets = TensorSet.all(networks, averaged).stream().map(set -> new ShardFiles(set, plan)).toList();
    this.frozen = List.copyOf(frozen);
  }

  boolean isAveraged() {
    return averaged;
  }

  /** The parts of the state that are saved. */
  List<StatePart> parts() {
    return ShardPlan.parts(averaged);
  }

  /** All files of tensors of all ranks, as seen from the checkpoint. */
  List<Path> files() {
    List<Path> files = new ArrayList<>();
    sets.forEach(set -> files.addAll(set.files()));
    frozen.forEach(network -> files.addAll(network.files()));
    return files;
  }

  /**
   * Writes this rank's files; they are durable when this returns.
   *
   * @param source where a part of the state lies, as large as its region
   */
  void write(Path checkpoint, Function<StatePart, MemorySegment> source) throws IOException {
    Set<Path> folders = new LinkedHashSet<>();
    for (ShardFiles set : sets) {
      List<SafetensorsWriter.Tensor> tensors = new ArrayList<>();
      for (ShardFiles.Piece piece : set.pieces(rank)) {
        MemorySegment numbers = piece.slice().of(source.apply(set.part()));
        tensors.add(SafetensorsWriter.Tensor.f32(set.tensor(piece.entry()), piece.shape(), numbers));
      }
      if (!tensors.isEmpty()) {
        Path file = checkpoint.resolve(set.file(rank));
        folders.add(Files.createDirectories(file.getParent()));
        SafetensorsWriter.writeChecked(file, WeightFiles.METADATA, tensors);
      }
    }
    for (int i = 0; i < frozen.size(); i++) {
      if (i % ranks == ranks - 1 - rank) { // rank 0, which has more to do, comes last
        folders.add(frozen.get(i).write(checkpoint));
      }
    }
    for (Path folder : folders) {
      DurableFiles.force(folder);
    }
  }

  /** Writes the files that say which of the ranks' files hold which tensors. */
  List<Path> writeIndices(Path checkpoint) {
    List<Path> written = new ArrayList<>();
    for (ShardFiles set : sets) {
      if (set.index() != null) {
        WeightFiles.writeIndex(checkpoint.resolve(set.index()), set.places());
        written.add(set.index());
      }
    }
    return written;
  }
}
