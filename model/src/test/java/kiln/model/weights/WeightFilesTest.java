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
import java.util.List;
import java.util.stream.Stream;
import kiln.bindings.UserException;
import kiln.model.graph.Shape;
import kiln.model.weights.SafetensorsWriter.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class WeightFilesTest {
  @TempDir Path folder;
  private final Arena arena = Arena.ofConfined();

  @AfterEach
  void free() {
    arena.close();
  }

  private Tensor floats(String name, float... values) {
    return Tensor.f32(name, Shape.of(values.length), arena.allocateFrom(ValueLayout.JAVA_FLOAT, values));
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void shouldFillFilesInOrderUpToTheLimit() throws IOException {
    List<Tensor> tensors =
        List.of(floats("c", 1, 2), floats("a", 3), floats("large", 4, 5, 6, 7), floats("b", 8), floats("d", 9));
    WeightFiles.write(folder, "model", tensors, 12);
    List<String> expected =
        List.of(
            "model-00001-of-00003.safetensors",
            "model-00002-of-00003.safetensors",
            "model-00003-of-00003.safetensors",
            "model.safetensors.index.json");
    assertEquals(expected, files());
    JsonNode index = JsonMapper.builder().build().readTree(folder.resolve("model.safetensors.index.json"));
    assertEquals(36, index.required("metadata").required("total_size").intValue());
    JsonNode map = index.required("weight_map");
    assertEquals(List.of("a", "b", "c", "d", "large"), List.copyOf(map.propertyNames()));
    for (String[] place : new String[][] {{"c", "1"}, {"a", "1"}, {"large", "2"}, {"b", "3"}, {"d", "3"}}) {
      assertEquals(expected.get(Integer.parseInt(place[1]) - 1), map.required(place[0]).stringValue());
    }
    try (WeightSource source = WeightSource.open(folder)) {
      assertEquals(3, source.files().size());
      for (Tensor tensor : tensors) {
        MemorySegment expectedBytes = arena.allocate(tensor.bytes());
        tensor.data().read(0, expectedBytes);
        assertEquals(-1, expectedBytes.mismatch(source.file(tensor.name()).segment(tensor.name())), tensor.name());
      }
    }
  }

  @Test
  void shouldWriteOneFileWhereAllFits() throws IOException {
    WeightFiles.write(folder, "model", List.of(floats("a", 1), floats("b", 2)), 8);
    assertEquals(List.of("model.safetensors"), files());
    try (WeightSource source = WeightSource.open(folder)) {
      assertEquals("pt", source.files().iterator().next().metadata().get("format"));
    }
  }

  @Test
  void shouldWriteAFileWithoutTensors() throws IOException {
    WeightFiles.write(folder, "model", List.of(), 1);
    assertEquals(List.of("model.safetensors"), files());
  }

  @Test
  void shouldPassOnWhatIsNoFloat() {
    MemorySegment longs = arena.allocateFrom(ValueLayout.JAVA_LONG, -5, 1L << 60);
    Tensor ids = new Tensor("ids", SafetensorsType.I64, Shape.of(2), longs);
    Tensor flags = new Tensor("flags", SafetensorsType.BOOL, Shape.of(3), arena.allocate(3).fill((byte) 1));
    WeightFiles.write(folder, "model", List.of(flags, ids, floats("w", 1, 2.5f)), SafetensorsType.F16, 1000);
    try (WeightSource source = WeightSource.open(folder)) {
      assertEquals(SafetensorsType.BOOL, source.tensors().get("flags").type());
      assertEquals(SafetensorsType.F16, source.tensors().get("w").type());
      MemorySegment kept = source.file("ids").segment("ids");
      assertArrayEquals(new long[] {-5, 1L << 60}, kept.toArray(ValueLayout.JAVA_LONG_UNALIGNED));
      MemorySegment halves = source.file("w").segment("w");
      assertEquals(2.5f, Float.float16ToFloat(halves.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2)));
    }
  }

  @Test
  void shouldAlignTensorsToTheirElementsAndWholeLinesToLines() {
    Tensor byteTensor = new Tensor("byte", SafetensorsType.U8, Shape.of(1), arena.allocate(1));
    Tensor half = new Tensor("half", SafetensorsType.F16, Shape.of(3), arena.allocate(6));
    Tensor wide = new Tensor("wide", SafetensorsType.F64, Shape.of(1), arena.allocate(8));
    Tensor line = Tensor.f32("line", Shape.of(4, 8), arena.allocate(128));
    Tensor other = new Tensor("other", SafetensorsType.U8, Shape.of(64), arena.allocate(64));
    WeightFiles.write(folder, "model", List.of(byteTensor, half, floats("w", 1), line, wide, other), 1000);
    try (WeightSource source = WeightSource.open(folder)) {
      assertEquals(List.of("byte", "half", "w", "line", "wide", "other"), List.copyOf(source.tensors().keySet()));
      source.tensors().values().forEach(entry -> {
        long alignment = entry.bytes() % 64 == 0 ? 64 : entry.type().bits() / 8;
        assertEquals(0, entry.offset() % alignment, entry.name() + " at " + entry.offset());
      });
    }
  }

  @Test
  void shouldRefuseNumbersThatTheTypeCannotHoldAndLeaveNothing() throws IOException {
    Tensor fine = floats("a", 65504, Float.NaN, Float.POSITIVE_INFINITY, -65519);
    Tensor large = floats("b", 1, 2, -70000, 80000);
    UserException e =
        assertThrows(
            UserException.class, () -> WeightFiles.write(folder, "model", List.of(fine, large), SafetensorsType.F16, 8));
    Path file = folder.resolve("model-00002-of-00002.safetensors");
    String expected = ": tensor b: found -70000.0 as element 2, expected numbers that F16 can hold";
    assertEquals(file + expected, e.getMessage());
    assertEquals(List.of(), files());
    WeightFiles.write(folder, "model", List.of(fine, large), SafetensorsType.BF16, 8);
    assertEquals(3, files().size());
  }

  @Test
  void shouldNameTheElementOfALaterPiece() {
    int n = 3_000_001;
    MemorySegment data = arena.allocate(ValueLayout.JAVA_FLOAT, n);
    data.setAtIndex(ValueLayout.JAVA_FLOAT, n - 1, 1e6f);
    List<Tensor> tensors = List.of(Tensor.f32("w", Shape.of(n), data));
    UserException e =
        assertThrows(UserException.class, () -> WeightFiles.write(folder, "model", tensors, SafetensorsType.F16, 1L << 40));
    assertTrue(e.getMessage().contains("found 1000000.0 as element " + (n - 1) + ","), e.getMessage());
  }

  @Test
  void shouldRefuseAFolderThatHoldsWeights() throws IOException {
    Files.createFile(folder.resolve("model-00003-of-00004.safetensors"));
    UserException e =
        assertThrows(UserException.class, () -> WeightFiles.write(folder, "model", List.of(floats("a", 1)), 8));
    assertTrue(e.getMessage().startsWith(folder + ": found model-00003-of-00004.safetensors, expected"), e.getMessage());
    WeightFiles.write(folder, "diffusion_pytorch_model", List.of(floats("a", 1)), 8);
  }

  @Test
  void shouldLeaveTheOldFileWhereTheNewOneFails() throws IOException {
    Path file = folder.resolve("a.safetensors");
    SafetensorsWriter.write(file, WeightFiles.METADATA, List.of(floats("a", 1)));
    byte[] old = Files.readAllBytes(file);
    Tensor broken =
        new Tensor("b", SafetensorsType.U8, Shape.of(1), (_, _) -> {
          throw new UserException("broken");
        });
    assertThrows(UserException.class, () -> SafetensorsWriter.write(file, WeightFiles.METADATA, List.of(broken)));
    assertEquals(List.of("a.safetensors"), files());
    assertArrayEquals(old, Files.readAllBytes(file));
  }
}
