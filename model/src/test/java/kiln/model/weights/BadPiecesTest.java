package kiln.model.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import kiln.bindings.UserException;
import kiln.model.graph.Shape;
import kiln.model.weights.SafetensorsWriter.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Indexes that say something other than what the files hold: one line, with the file, the tensor, found and expected. */
final class BadPiecesTest {
  private static final String GOOD =
      """
      {"metadata": {"total_size": 28}, "weight_map": {"v": "b"},
       "pieces": {"w": {"shape": [2, 3], "parts": [
         {"file": "a", "offset": 0, "count": 4},
         {"file": "b", "offset": 4, "count": 2}]}}}
      """;

  @TempDir Path folder;
  private final Arena arena = Arena.ofConfined();
  private Path index;

  @BeforeEach
  void write() throws IOException {
    index = folder.resolve("model.safetensors.index.json");
    put("a", floats("w", 4));
    put("b", floats("w", 2), floats("v", 1));
    put("half", new Tensor("w", SafetensorsType.F16, Shape.of(2), arena.allocate(4)));
    put("square", Tensor.f32("w", Shape.of(1, 2), arena.allocate(8)));
    put("other", floats("x", 2));
    Path outside = Files.createDirectories(folder.resolve("sub"));
    Files.copy(folder.resolve("b"), outside.resolve("b"));
  }

  @AfterEach
  void free() {
    arena.close();
  }

  private Tensor floats(String name, int n) {
    return Tensor.f32(name, Shape.of(n), arena.allocate(ValueLayout.JAVA_FLOAT, n));
  }

  private void put(String file, Tensor... tensors) {
    SafetensorsWriter.write(folder.resolve(file), Map.of(), List.of(tensors));
  }

  @Test
  void shouldReadTheGoodOne() throws IOException {
    Files.writeString(index, GOOD);
    try (WeightSource source = WeightSource.open(folder)) {
      assertEquals(List.of("v", "w"), List.copyOf(source.tensors().keySet()));
      assertEquals(List.of(2L, 3L), source.tensors().get("w").dims());
      assertEquals(24, source.tensors().get("w").bytes());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "offset": 4            | "offset": 5                | pieces w: found 2 elements from 5 in b, expected one from element 4
          "offset": 4            | "offset": 3                | pieces w: found 2 elements from 3 in b, expected one from element 4
          "count": 2             | "count": 1                 | pieces w: found parts of 5 elements, expected all 6 of [2, 3]
          "count": 2             | "count": 3                 | pieces w: found 3 elements from 4 in b, expected at most 2 elements
          "count": 2             | "count": 0                 | pieces w: found 0 elements from 4 in b, expected at least 1 element
          "count": 2             | "count": -2                | pieces w: found count -2, expected a whole number from 0
          "count": 2             | "count": 9223372036854775807 | pieces w: found 9223372036854775807 elements from 4 in b, expected
          "count": 2             | "count": 1e1               | pieces w: found count 10.0, expected a whole number
          "count": 2             | "number": 2                | pieces w: found no count, expected a whole number
          "offset": 0            | "offset": "0"              | pieces w: found offset "0", expected a whole number
          "shape": [2, 3]        | "shape": [2, 4]            | pieces w: found parts of 6 elements, expected all 8 of [2, 4]
          "shape": [2, 3]        | "shape": [2, 3.0]          | pieces w: found shape 3.0, expected a whole number
          "shape": [2, 3]        | "shape": [2147483647, 2147483647, 2147483647] | pieces w: found shape [2147483647, 2147483647, 2147
          "shape": [2, 3]        | "shape": [2147483648]      | pieces w: found shape 2147483648, expected a whole number from 0 to 2147483647
          "shape": [2, 3]        | "shape": 6                 | pieces w: found shape 6, expected a list
          "shape": [2, 3],       | ``                         | pieces w: found no shape, expected a list
          {"file": "b", "offset": 4 | {"file": "a", "offset": 4  | pieces w: found 2 elements from 4 in a, expected one part in that file
          "file": "b"            | "file": "sub/b"            | pieces w: found 2 elements from 4 in sub/b, expected a file name of the
          "file": "b"            | "file": "../b"             | pieces w: found 2 elements from 4 in ../b, expected a file name of the
          "file": "b"            | "file": ".."               | pieces w: found 2 elements from 4 in .., expected a file name of the
          "file": "b"            | "file": 7                  | pieces w: found file 7, expected a file name
          "file": "b"            | "file": "sub"              | pieces w names sub, which is not there
          "file": "b"            | "file": "c"                | pieces w names c, which is not there
          "file": "b"            | "file": "other"            | pieces w says that other holds it, but it does not
          "file": "b"            | "file": "half"             | tensor w: found F16[2], expected F32[2], a piece of [2, 3]
          "file": "b"            | "file": "square"           | tensor w: found F32[1, 2], expected F32[2], a piece of [2, 3]
          "parts": [             | "part": [                  | pieces w: found no parts, expected a list
          "weight_map": {"v": "b"} | "weight_map": {"w": "b"} | found tensor w in weight_map and in pieces, expected it once
          "weight_map": {"v": "b"} | "weight_map": {"v": "../b"} | weight_map v is ../b, expected a file name of that folder
          "weight_map": {"v": "b"} | "weight_map": {"v": "b", "v": "b"} | not a readable index
          "pieces": {"w":        | "pieces": {"w": 3, "w2":   | pieces w: found no parts, expected a list
          {"w": {"shape": [2, 3], "parts": [ | [{"w": {"shape": [ | not a readable index
          """)
  void shouldRefuse(String good, String bad, String expected) throws IOException {
    String text = GOOD.replace(good, bad);
    assertTrue(!text.equals(GOOD), good);
    Files.writeString(index, text);
    UserException e = assertThrows(UserException.class, () -> WeightSource.open(folder).close());
    assertTrue(e.getMessage().contains(": " + expected), e.getMessage());
    assertTrue(e.getMessage().startsWith(folder.toString()), e.getMessage());
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
  }

  @Test
  void shouldRefuseWhatFollowsTheIndex() throws IOException {
    Files.writeString(index, GOOD + "{}");
    assertThrows(UserException.class, () -> WeightSource.open(folder).close());
  }

  @Test
  void shouldReadOrRefuseWhateverTheIndexHolds() throws IOException {
    byte[] good = GOOD.getBytes(StandardCharsets.UTF_8);
    Random random = new Random(20);
    MemorySegment into = arena.allocate(24, 4);
    int refused = 0;
    int rounds = 4000;
    for (int round = 0; round < rounds; round++) {
      Files.write(index, mutate(good, random));
      try (WeightSource source = WeightSource.open(folder)) {
        for (String name : source.tensors().keySet()) {
          source.tensor(name).data().read(0, into.asSlice(0, source.tensors().get(name).bytes()));
        }
      } catch (UserException e) {
        refused++;
        assertTrue(e.getMessage().startsWith(folder.toString()), e.getMessage());
      }
    }
    assertTrue(refused > rounds / 2 && refused < rounds, refused + " of " + rounds);
  }

  /** A few bytes changed, taken out, put in, or copied from elsewhere in the text. */
  private static byte[] mutate(byte[] good, Random random) {
    byte[] bytes = good.clone();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      int at = random.nextInt(bytes.length);
      int n = Math.min(1 + random.nextInt(8), bytes.length - at);
      byte[] next = bytes.clone();
      switch (random.nextInt(4)) {
        case 0 -> next[at] = (byte) random.nextInt(256);
        case 1 -> System.arraycopy(bytes, random.nextInt(bytes.length - n + 1), next, at, n);
        case 2 -> {
          next = new byte[bytes.length - n];
          System.arraycopy(bytes, 0, next, 0, at);
          System.arraycopy(bytes, at + n, next, at, bytes.length - at - n);
        }
        default -> {
          next = new byte[bytes.length + 1];
          System.arraycopy(bytes, 0, next, 0, at);
          next[at] = "0123456789,:{}[]\"".getBytes(StandardCharsets.UTF_8)[random.nextInt(17)];
          System.arraycopy(bytes, at, next, at + 1, bytes.length - at);
        }
      }
      bytes = next;
    }
    return bytes;
  }
}
