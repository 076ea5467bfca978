package kiln.launcher.checkpoint;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import kiln.launcher.parallel.ShardPlan;
import kiln.model.graph.Shape;
import kiln.model.plan.ParameterTable;
import kiln.model.plan.Slices;
import kiln.model.plan.Slices.Slice;
import kiln.model.train.StatePart;
import kiln.model.weights.TensorPlace;
import kiln.model.weights.WeightFinder;

/**
 * The files in which ranks write a set of tensors. All ranks know all of them without asking each other. A tensor that ranks divide
 * lies in pieces: one-dimensional tensors of its name.
 */
final class ShardFiles {
  /**
   * What one file holds of a parameter.
   *
   * @param slice of the region, in bytes
   */
  record Piece(ParameterTable.Entry entry, Slice slice) {
    boolean isWhole() {
      return slice.bytes() == entry.bytes();
    }

    /** Of the whole parameter, or of the numbers of this piece. */
    Shape shape() {
      return isWhole() ? entry.parameter().shape() : Shape.of(Math.toIntExact(slice.bytes() / Float.BYTES));
    }
  }

  private final TensorSet set;
  private final List<ParameterTable.Entry> entries;
  private final Map<Integer, List<Piece>> byRank = new LinkedHashMap<>(); // those that have something
  private final int ranks;

  ShardFiles(TensorSet set, ShardPlan plan) {
    this.set = set;
    this.ranks = plan.ranks();
    this.entries =
        plan.table().entries().stream().filter(e -> e.parameter().name().startsWith(set.prefix())).toList();
    for (int rank = 0; rank < ranks; rank++) {
      Slices slices = plan.slices(set.part(), rank);
      List<Piece> pieces = new ArrayList<>();
      for (ParameterTable.Entry entry : entries) {
        slices.within(entry.offset(), entry.bytes()).forEach(slice -> pieces.add(new Piece(entry, slice)));
      }
      if (!pieces.isEmpty()) {
        byRank.put(rank, pieces);
      }
    }
  }

  /** The part of the state that lies in them. */
  StatePart part() {
    return set.part();
  }

  /** What a rank writes; maybe nothing. */
  List<Piece> pieces(int rank) {
    return byRank.getOrDefault(rank, List.of());
  }

  /** Where in a checkpoint a rank writes it. */
  Path file(int rank) {
    return set.folder().resolve(name(rank));
  }

  /** All files, as seen from the checkpoint. */
  List<Path> files() {
    return byRank.keySet().stream().map(this::file).toList();
  }

  /** The file that says where tensors lie, as seen from the checkpoint; null if one file holds all of them. */
  Path index() {
    return byRank.size() == 1 ? null : set.folder().resolve(set.stem() + WeightFinder.INDEX_SUFFIX);
  }

  private String name(int rank) {
    String numbers = byRank.size() == 1 ? "" : String.format(Locale.ROOT, "-%05d-of-%05d", rank + 1, ranks);
    return set.stem() + numbers + WeightFinder.SUFFIX;
  }

  /** Of a parameter, in the files. */
  String tensor(ParameterTable.Entry entry) {
    return entry.parameter().name().substring(set.prefix().length());
  }

  /** Where every tensor of the set lies. */
  List<TensorPlace> places() {
    Map<ParameterTable.Entry, List<TensorPlace.Part>> parts = new LinkedHashMap<>();
    entries.forEach(entry -> parts.put(entry, new ArrayList<>()));
    byRank.forEach((rank, pieces) -> {
      for (Piece piece : pieces) {
        long offset = (piece.slice.offset() - piece.entry.offset()) / Float.BYTES;
        parts.get(piece.entry).add(new TensorPlace.Part(name(rank), offset, piece.slice.bytes() / Float.BYTES));
      }
    });
    List<TensorPlace> places = new ArrayList<>();
    parts.forEach((entry, of) -> {
      of.sort((a, b) -> Long.compare(a.offset(), b.offset()));
      places.add(new TensorPlace(tensor(entry), entry.parameter().shape(), of));
    });
    return places;
  }
}
