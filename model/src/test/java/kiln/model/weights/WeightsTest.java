package kiln.model.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import kiln.bindings.UserException;
import kiln.model.graph.Initializer;
import kiln.model.graph.Parameter;
import kiln.model.graph.Shape;
import kiln.model.layer.ParameterScope;
import kiln.model.plan.ParameterTable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WeightsTest {
  @TempDir Path folder;
  private final Arena arena = Arena.ofConfined();
  private ParameterTable table;
  private MemorySegment region;

  @BeforeEach
  void declare() {
    ParameterScope root = new ParameterScope();
    root.child("unet").parameter("w", Shape.of(2, 3), Initializer.ONES);
    root.child("unet").parameter("b", Shape.of(3), Initializer.ZEROS);
    root.child("text").parameter("w", Shape.of(5), Initializer.ONES);
    table = new ParameterTable(root.parameters());
    region = arena.allocate(table.bytes(), 64);
    for (ParameterTable.Entry entry : table.entries()) {
      MemorySegment slice = entry.slice(region);
      for (long i = 0; i < slice.byteSize() / 4; i++) {
        slice.setAtIndex(ValueLayout.JAVA_FLOAT, i, 10 * entry.index() + i);
      }
    }
  }

  @AfterEach
  void free() {
    arena.close();
  }

  @Test
  void shouldLoadWhatItSavedWithoutThePrefix() {
    Path file = folder.resolve("model.safetensors");
    Weights.save(file, table, "unet.", region);
    try (SafetensorsFile saved = SafetensorsFile.open(file)) {
      assertEquals(List.of("w", "b"), List.copyOf(saved.tensors().keySet()));
    }
    MemorySegment loaded = arena.allocate(table.bytes(), 64);
    Weights.load(folder, WeightNames.SAME, table, "unet.", loaded);
    for (ParameterTable.Entry entry : table.entries().subList(0, 2)) {
      assertArrayEquals(floats(entry, region), floats(entry, loaded));
    }
    assertArrayEquals(new float[5], floats(table.entry("text.w"), loaded));
  }

  @Test
  void shouldNameMissingSuperfluousAndMisshapenTensors() {
    SafetensorsWriter.Tensor w = tensor("w", SafetensorsType.F32, 2, 3);
    SafetensorsWriter.Tensor b = tensor("b", SafetensorsType.F32, 3);
    assertRefused("found no tensor b, expected F32[3]", w);
    assertRefused("found tensor c (F32[4]), expected only the 2 tensors", w, b, tensor("c", SafetensorsType.F32, 4));
    assertRefused("tensor w: found F32[3, 2], expected F32[2, 3]", tensor("w", SafetensorsType.F32, 3, 2), b);
    assertRefused("tensor b: found I32[3], expected F32[3]", w, tensor("b", SafetensorsType.I32, 3));
  }

  @Test
  void shouldNameTheFolderWithoutWeights() {
    UserException e = assertThrows(UserException.class, () -> Weights.load(folder, table, region));
    assertTrue(e.getMessage().startsWith(folder + ": found no weight file"), e.getMessage());
  }

  @Test
  void shouldTranslateAndSkipNames() {
    write(tensor("old", SafetensorsType.F32, 2, 3), tensor("b", SafetensorsType.F32, 3), tensor("x", SafetensorsType.F32, 1));
    WeightNames names = name -> name.equals("old") ? "w" : name.equals("x") ? null : name;
    Weights.load(folder, names, table, "unet.", region);
    assertArrayEquals(new float[6], floats(table.entry("unet.w"), region));
    WeightNames both = _ -> "w";
    UserException e = assertThrows(UserException.class, () -> Weights.load(folder, both, table, "unet.", region));
    assertTrue(e.getMessage().contains("expected one of them, for w"), e.getMessage());
  }

  @Test
  void shouldCollectParametersOfASubtree() {
    ParameterScope root = new ParameterScope();
    ParameterScope child = root.child("a").child("b.0");
    Parameter parameter = child.parameter("weight", Shape.of(1), Initializer.ONES);
    assertEquals("a.b.0.weight", parameter.name());
    root.parameter("last", Shape.of(1), Initializer.ONES);
    assertEquals(List.of(parameter), child.parameters());
    assertEquals(2, root.parameters().size());
  }

  private void assertRefused(String expected, SafetensorsWriter.Tensor... tensors) {
    write(tensors);
    float[] before = floats(table.entry("unet.w"), region);
    UserException e =
        assertThrows(UserException.class, () -> Weights.load(folder, WeightNames.SAME, table, "unet.", region));
    assertTrue(e.getMessage().contains("model.safetensors") && e.getMessage().contains(expected), e.getMessage());
    assertArrayEquals(before, floats(table.entry("unet.w"), region));
  }

  private void write(SafetensorsWriter.Tensor... tensors) {
    SafetensorsWriter.write(folder.resolve("model.safetensors"), Map.of(), List.of(tensors));
  }

  private SafetensorsWriter.Tensor tensor(String name, SafetensorsType type, int... dims) {
    Shape shape = Shape.of(dims);
    return new SafetensorsWriter.Tensor(name, type, shape, arena.allocate(shape.elements() * type.bits() / 8));
  }

  private static float[] floats(ParameterTable.Entry entry, MemorySegment region) {
    return entry.slice(region).toArray(ValueLayout.JAVA_FLOAT);
  }
}
