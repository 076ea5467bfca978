package kiln.model.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import kiln.bindings.UserException;
import kiln.model.graph.Shape;
import kiln.model.weights.SafetensorsWriter.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SafetensorsWriterTest {
  @TempDir Path folder;

  @Test
  void shouldReadBackWhatItWrote() {
    Path path = folder.resolve("a.safetensors");
    Map<String, String> metadata = Map.of("note", "café \"quoted\"");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment a = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1, 2, 3, 4, 5, 6);
      MemorySegment b = arena.allocateFrom(ValueLayout.JAVA_BYTE, (byte) 7, (byte) 8, (byte) 9);
      MemorySegment c = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 0.5f);
      SafetensorsWriter.write(
          path,
          metadata,
          List.of(
              Tensor.f32("ä/b.weight", Shape.of(2, 3), a),
              new Tensor("bytes", SafetensorsType.U8, Shape.of(3), b),
              Tensor.f32("empty", Shape.of(0, 4), arena.allocate(0)),
              Tensor.f32("scalar", Shape.SCALAR, c)));
    }
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertEquals(metadata, file.metadata());
      assertEquals(List.of("ä/b.weight", "bytes", "empty", "scalar"), List.copyOf(file.tensors().keySet()));
      assertEquals(0, file.tensors().get("ä/b.weight").offset() % 64);
      assertEquals(Shape.of(2, 3), file.tensors().get("ä/b.weight").shape());
      assertArrayEquals(
          new float[] {1, 2, 3, 4, 5, 6}, file.segment("ä/b.weight").toArray(ValueLayout.JAVA_FLOAT_UNALIGNED));
      assertArrayEquals(new byte[] {7, 8, 9}, file.segment("bytes").toArray(ValueLayout.JAVA_BYTE));
      assertArrayEquals(new float[] {0.5f}, file.segment("scalar").toArray(ValueLayout.JAVA_FLOAT_UNALIGNED));
    }
  }

  @Test
  void shouldRefuseTensorsThatDoNotFitTheirShape() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment four = arena.allocate(4);
      assertThrows(IllegalArgumentException.class, () -> Tensor.f32("w", Shape.of(2), four));
      Tensor one = Tensor.f32("w", Shape.of(1), arena.allocate(4));
      List<Tensor> twice = List.of(one, one);
      assertThrows(IllegalArgumentException.class, () -> SafetensorsWriter.write(folder.resolve("x"), Map.of(), twice));
      assertTrue(Files.notExists(folder.resolve("x")));
    }
  }

  @Test
  void shouldSayInOneLineWhatTheFileSystemRefused() {
    Path path = folder.resolve("absent").resolve("x.safetensors");
    UserException e = assertThrows(UserException.class, () -> SafetensorsWriter.write(path, Map.of(), List.of()));
    assertTrue(e.getMessage().startsWith(path.toString()), e.getMessage());
    UserException open = assertThrows(UserException.class, () -> SafetensorsFile.open(path).close());
    assertTrue(open.getMessage().startsWith(path + ": no such file"), open.getMessage());
  }

  @Test
  void shouldNameTheFileWhenATensorIsMissing() {
    Path path = folder.resolve("empty.safetensors");
    SafetensorsWriter.write(path, Map.of(), List.of());
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      UserException e = assertThrows(UserException.class, () -> file.segment("w"));
      assertTrue(e.getMessage().startsWith(path.toString()), e.getMessage());
    }
  }
}
