package kiln.model.weights;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.TreeSet;
import kiln.model.graph.Shape;
import kiln.model.plan.ParameterTable;
import kiln.model.weights.SafetensorsWriter.Tensor;

/** Writes weights in files that divide tensors among themselves wherever chance wants. */
final class CutFiles {
  private CutFiles() {}

  /** Tensors of several files and up to as many elements: some whole, in one of the files, others in pieces of several. */
  static void write(
      Path folder, String stem, ParameterTable table, String prefix, MemorySegment region, int numFiles, Random random) {
    List<List<Tensor>> files = new ArrayList<>();
    for (int i = 0; i < numFiles; i++) {
      files.add(new ArrayList<>());
    }
    List<TensorPlace> places = new ArrayList<>();
    for (ParameterTable.Entry entry : table.entries()) {
      String name = entry.parameter().name().substring(prefix.length());
      Shape shape = entry.parameter().shape();
      List<Long> cuts = cuts(shape.elements(), numFiles, random);
      if (cuts.size() == 2) {
        int number = random.nextInt(numFiles);
        files.get(number).add(Tensor.f32(name, shape, entry.slice(region)));
        places.add(TensorPlace.whole(name, shape, file(stem, number, numFiles)));
        continue;
      }
      List<TensorPlace.Part> parts = new ArrayList<>();
      for (int i = 0; i < cuts.size() - 1; i++) {
        long count = cuts.get(i + 1) - cuts.get(i);
        MemorySegment bytes = entry.slice(region).asSlice(cuts.get(i) * 4, count * 4);
        files.get(i).add(Tensor.f32(name, Shape.of((int) count), bytes));
        parts.add(new TensorPlace.Part(file(stem, i, numFiles), cuts.get(i), count));
      }
      places.add(new TensorPlace(name, shape, parts));
    }
    for (int i = 0; i < numFiles; i++) {
      SafetensorsWriter.writeChecked(folder.resolve(file(stem, i, numFiles)), WeightFiles.METADATA, files.get(i));
    }
    WeightFiles.writeIndex(folder.resolve(stem + WeightFinder.INDEX_SUFFIX), places);
  }

  static String file(String stem, int number, int numFiles) {
    return String.format(Locale.ROOT, "%s-%05d-of-%05d.safetensors", stem, number + 1, numFiles);
  }

  /** Ascending, from 0 to all; as many pieces as files at most. */
  private static List<Long> cuts(long elements, int numFiles, Random random) {
    TreeSet<Long> cuts = new TreeSet<>(List.of(0L));
    for (int i = 1; i < numFiles && elements > 1; i++) {
      cuts.add(1 + random.nextLong(elements - 1));
    }
    List<Long> result = new ArrayList<>(cuts);
    result.add(elements);
    return result;
  }
}
