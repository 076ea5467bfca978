package kiln.model.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import kiln.bindings.UserException;
import kiln.model.graph.Initializer;
import kiln.model.graph.Parameter;
import kiln.model.graph.Shape;
import kiln.model.plan.ParameterTable;
import kiln.model.plan.Slices;
import kiln.model.weights.SafetensorsWriter.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class CutTensorsTest {
  private static final Shape[] SHAPES = {
    Shape.of(3, 5, 7), Shape.of(64), Shape.SCALAR, Shape.of(2, 2), Shape.of(0, 4), Shape.of(257), Shape.of(1, 1, 19)
  };

  @TempDir Path folder;
  private final Arena arena = Arena.ofConfined();

  @AfterEach
  void free() {
    arena.close();
  }

  private static ParameterTable table(Shape... shapes) {
    List<Parameter> parameters = new ArrayList<>();
    for (int i = 0; i < shapes.length; i++) {
      parameters.add(new Parameter("net.t" + i, shapes[i], Initializer.ONES));
    }
    return new ParameterTable(parameters);
  }

  private MemorySegment counted(ParameterTable table) {
    MemorySegment region = arena.allocate(table.bytes(), 64);
    for (ParameterTable.Entry entry : table.entries()) {
      MemorySegment slice = entry.slice(region);
      for (long i = 0; i < slice.byteSize() / 4; i++) {
        slice.setAtIndex(ValueLayout.JAVA_FLOAT, i, 1000 * (entry.index() + 1) + i);
      }
    }
    return region;
  }

  @Test
  void shouldReadWhatAnyNumberOfFilesDivide() throws IOException {
    ParameterTable table = table(SHAPES);
    MemorySegment region = counted(table);
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      Path into = Files.createDirectories(folder.resolve("cut" + seed));
      CutFiles.write(into, "model", table, "net.", region, 1 + random.nextInt(5), random);

      MemorySegment read = arena.allocate(table.bytes(), 64);
      Weights.load(into, WeightNames.SAME, table, "net.", read);
      assertEquals(-1, region.mismatch(read), "seed " + seed);

      List<Parameter> parameters = table.entries().stream().map(ParameterTable.Entry::parameter).toList();
      try (MappedWeights mapped = MappedWeights.open(into, WeightNames.SAME, parameters, "net.")) {
        for (ParameterTable.Entry entry : table.entries()) {
          assertEquals(-1, entry.slice(region).mismatch(mapped.values(entry.parameter())), "seed " + seed + entry);
        }
      }
      assertSameAsOneFile(into, table, region);
    }
  }

  /** What reads tensors one by one, as conversion does, has them whole and in their shape. */
  private void assertSameAsOneFile(Path cut, ParameterTable table, MemorySegment region) throws IOException {
    Path expected = folder.resolve("expected.safetensors");
    Path joined = folder.resolve("joined.safetensors");
    Weights.save(expected, table, "net.", region);
    try (WeightSource source = WeightSource.open(cut)) {
      assertEquals(table.entries().size(), source.tensors().size());
      List<Tensor> tensors =
          table.entries().stream().map(entry -> source.tensor(entry.parameter().name().substring(4))).toList();
      SafetensorsWriter.write(joined, WeightFiles.METADATA, tensors);
    }
    assertEquals(-1, Files.mismatch(expected, joined));
  }

  @Test
  void shouldTouchNothingButTheSlicesThatAreWanted() throws IOException {
    ParameterTable table = table(SHAPES);
    MemorySegment region = counted(table);
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      Path into = Files.createDirectories(folder.resolve("cut" + seed));
      CutFiles.write(into, "model", table, "net.", region, 1 + random.nextInt(4), random);
      List<Slices.Slice> slices = new ArrayList<>();
      for (long at = 4L * random.nextInt(40); at < table.bytes(); at += 4L * random.nextInt(40)) {
        long bytes = Math.min(4L * (1 + random.nextInt(60)), table.bytes() - at);
        slices.add(new Slices.Slice(at, bytes));
        at += bytes;
      }
      Slices wanted = new Slices(slices);
      MemorySegment read = arena.allocate(table.bytes(), 64).fill((byte) -1);
      Weights.load(into, WeightNames.SAME, table, "net.", read, wanted);
      for (ParameterTable.Entry entry : table.entries()) {
        wanted.within(entry.offset(), entry.bytes()).forEach(s -> assertEquals(-1, s.of(region).mismatch(s.of(read))));
        for (Slices.Slice other : wanted.outside(entry.offset(), entry.bytes())) {
          assertEquals(-1, other.of(read).mismatch(arena.allocate(other.bytes()).fill((byte) -1)));
        }
      }
    }
  }

  @Test
  void shouldReadOnlyTheBytesThatAreWanted() throws IOException {
    ParameterTable table = table(Shape.of(1 << 20, 8));
    CutFiles.write(folder, "model", table, "net.", arena.allocate(table.bytes(), 64), 4, new Random(0));
    MemorySegment read = arena.allocate(table.bytes(), 64);
    Slices wanted = new Slices(List.of(new Slices.Slice(table.bytes() / 2, 4096)));
    Weights.load(folder, WeightNames.SAME, table, "net.", read, wanted); // whatever is read to load classes has been
    long before = bytesReadByThread();
    Weights.load(folder, WeightNames.SAME, table, "net.", read, wanted);
    long bytes = bytesReadByThread() - before;
    assertTrue(bytes < 1 << 20, bytes + " bytes read of a file of " + table.bytes());
  }

  private static long bytesReadByThread() throws IOException {
    String line = Files.readAllLines(Path.of("/proc/thread-self/io")).getFirst();
    assertTrue(line.startsWith("rchar: "), line);
    return Long.parseLong(line.substring(7));
  }

  @Test
  void shouldSayInTheIndexWhereWholeAndCutTensorsLie() throws IOException {
    List<TensorPlace> places =
        List.of(
            new TensorPlace(
                "cut", Shape.of(2, 3), List.of(new TensorPlace.Part("a", 0, 4), new TensorPlace.Part("b", 4, 2))),
            TensorPlace.whole("whole", Shape.of(5), "b"));
    Path index = folder.resolve("model.safetensors.index.json");
    WeightFiles.writeIndex(index, places);
    JsonNode expected =
        JsonMapper.shared().readTree(
            """
            {"metadata": {"total_size": 44}, "weight_map": {"whole": "b"},
             "pieces": {"cut": {"shape": [2, 3], "parts": [
               {"file": "a", "offset": 0, "count": 4}, {"file": "b", "offset": 4, "count": 2}]}}}
            """);
    assertEquals(expected, JsonMapper.shared().readTree(index));
    assertThrows(
        IllegalArgumentException.class, () -> WeightFiles.writeIndex(index, List.of(places.get(1), places.get(1))));
    WeightFiles.writeIndex(index, List.of(places.get(1)));
    assertTrue(JsonMapper.shared().readTree(index).path("pieces").isMissingNode(), "as Hugging Face's libraries write it");
  }

  @Test
  void shouldSayThatNoFileHoldsAllOfACutTensor() throws IOException {
    ParameterTable table = table(Shape.of(9));
    MemorySegment region = counted(table);
    CutFiles.write(folder, "model", table, "net.", region, 2, new Random(3));
    try (WeightSource source = WeightSource.open(folder)) {
      assertEquals(2, source.files("t0").size());
      UserException e = assertThrows(UserException.class, () -> source.file("t0"));
      assertTrue(e.getMessage().contains("tensor t0: found in pieces in 2 files"), e.getMessage());
      MemorySegment part = arena.allocate(20);
      source.tensor("t0").data().read(8, part);
      assertArrayEquals(new float[] {1002, 1003, 1004, 1005, 1006}, part.toArray(ValueLayout.JAVA_FLOAT));
    }
  }

  @Test
  void shouldFindAFileOrAnIndexByItsStem() throws IOException {
    Path index = Files.createFile(folder.resolve("exp_avg.safetensors.index.json"));
    assertEquals(index, WeightFinder.find(folder, "exp_avg"));
    Path file = Files.createFile(folder.resolve("exp_avg.safetensors"));
    assertEquals(file, WeightFinder.find(folder, "exp_avg"));
    UserException e = assertThrows(UserException.class, () -> WeightFinder.find(folder, "exp_avg_sq"));
    assertTrue(e.getMessage().startsWith(folder + ": found no weight file"), e.getMessage());
    assertTrue(e.getMessage().endsWith("exp_avg_sq.safetensors or exp_avg_sq.safetensors.index.json"), e.getMessage());
  }

  @Test
  void shouldRefuseNamesOfFilesElsewhere() {
    for (String name : List.of("", ".", "..", "../a", "a/b", "/a", "a/", "a\0")) {
      assertThrows(IllegalArgumentException.class, () -> TensorPlace.whole("t", Shape.of(1), name), name);
    }
    Map<String, Shape> fine = Map.of("a..b", Shape.of(1), "...", Shape.of(0));
    fine.forEach((name, shape) -> assertTrue(TensorPlace.whole("t", shape, name).isWhole()));
  }
}
