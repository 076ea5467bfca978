package kiln.launcher.compare;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kiln.model.weights.TensorEntry;
import kiln.model.weights.WeightSource;

/**
 * What two sets of tensors of the same name have in common.
 *
 * @param name as in {@code ema/unet/diffusion_pytorch_model}
 * @param equal tensors that are equal bit for bit
 * @param onlyInA names
 * @param onlyInB names
 * @param otherShapes by name: type and shape in A, and in B
 * @param different tensors of one type and shape that are not equal, by name
 * @param total of all tensors of one type and shape
 */
public record SetDifference(
    String name,
    int equal,
    List<String> onlyInA,
    List<String> onlyInB,
    Map<String, List<String>> otherShapes,
    Map<String, TensorDifference> different,
    TensorDifference total) {
  private static final long PIECE = 1L << 20;

  public boolean isEqual() {
    return onlyInA.isEmpty() && onlyInB.isEmpty() && otherShapes.isEmpty() && different.isEmpty();
  }

  /**
   * Reads all tensors of both, a megabyte at a time.
   *
   * @param inA file or index
   * @param inB file or index
   * @throws kiln.bindings.UserException if one is absent or malformed
   */
  static SetDifference of(String name, Path inA, Path inB) {
    try (WeightSource a = WeightSource.open(inA);
        WeightSource b = WeightSource.open(inB);
        Arena arena = Arena.ofConfined()) {
      MemorySegment pieceA = arena.allocate(PIECE, Long.BYTES);
      MemorySegment pieceB = arena.allocate(PIECE, Long.BYTES);
      List<String> onlyInA = new ArrayList<>();
      Map<String, List<String>> otherShapes = new TreeMap<>();
      Map<String, TensorDifference> different = new TreeMap<>();
      TensorDifference total = TensorDifference.NONE;
      int equal = 0;
      for (TensorEntry entry : a.tensors().values()) {
        TensorEntry other = b.tensors().get(entry.name());
        if (other == null) {
          onlyInA.add(entry.name());
        } else if (!other.describe().equals(entry.describe())) {
          otherShapes.put(entry.name(), List.of(entry.describe(), other.describe()));
        } else {
          TensorDifference found = TensorDifference.of(a.tensor(entry.name()), b.tensor(entry.name()), pieceA, pieceB);
          total = total.plus(found);
          if (found.isEqual()) {
            equal++;
          } else {
            different.put(entry.name(), found);
          }
        }
      }
      List<String> onlyInB = b.tensors().keySet().stream().filter(tensor -> !a.tensors().containsKey(tensor)).sorted().toList();
      onlyInA.sort(null);
      return new SetDifference(name, equal, onlyInA, onlyInB, otherShapes, different, total);
    }
  }
}
