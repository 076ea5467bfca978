package kiln.model.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kiln.bindings.UserException;
import kiln.model.Backends;
import kiln.model.graph.Graph;
import kiln.model.graph.Initializer;
import kiln.model.graph.Parameter;
import kiln.model.graph.Shape;
import kiln.model.graph.Value;
import kiln.model.op.Affine;
import kiln.model.plan.Backend;
import kiln.model.plan.Plan;
import kiln.model.plan.PlanBuilder;
import kiln.model.weights.SafetensorsWriter.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MappedWeightsTest {
  private static final float[] W = {1, -2, 0.5f, 4, 5.25f, 1024};
  private static final float[] B = {-0.0f, 3, 7};

  @TempDir Path folder;
  private final Arena arena = Arena.ofConfined();
  private final Parameter w = new Parameter("unet.w", Shape.of(2, 3), Initializer.ONES);
  private final Parameter b = new Parameter("unet.b", Shape.of(3), Initializer.ONES);
  private final Parameter other = new Parameter("text.w", Shape.of(5), Initializer.ONES);
  private final List<Parameter> parameters = List.of(w, other, b);

  @AfterEach
  void free() {
    arena.close();
  }

  private List<Tensor> tensors() {
    return List.of(
        Tensor.f32("w", w.shape(), arena.allocateFrom(ValueLayout.JAVA_FLOAT, W)),
        Tensor.f32("b", b.shape(), arena.allocateFrom(ValueLayout.JAVA_FLOAT, B)));
  }

  private MappedWeights open() {
    return MappedWeights.open(folder, WeightNames.SAME, parameters, "unet.");
  }

  private static float[] floats(MappedWeights weights, Parameter parameter) {
    return weights.values(parameter).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
  }

  @Test
  void shouldLeaveFloat32InTheFilesPages() {
    WeightFiles.write(folder, "model", tensors(), Long.MAX_VALUE);
    try (MappedWeights weights = open()) {
      assertArrayEquals(W, floats(weights, w));
      assertArrayEquals(B, floats(weights, b));
      assertEquals(36, weights.residentBytes());
      assertEquals(36, weights.mappedBytes());
      assertTrue(weights.values(w).isReadOnly() && weights.values(w).isMapped());
      assertThrows(IllegalArgumentException.class, () -> weights.values(other));
    }
  }

  @Test
  void shouldConvertNarrowTypesFromShards() {
    for (SafetensorsType type : List.of(SafetensorsType.F16, SafetensorsType.BF16)) {
      Path into = folder.resolve(type.name());
      assertTrue(into.toFile().mkdir());
      assertEquals(2, WeightFiles.write(into, "diffusion_pytorch_model", tensors(), type, 12).size());
      try (MappedWeights weights = MappedWeights.open(into, WeightNames.SAME, parameters, "unet.")) {
        assertArrayEquals(W, floats(weights, w));
        assertArrayEquals(B, floats(weights, b));
        assertEquals(128, weights.residentBytes());
        assertEquals(0, weights.mappedBytes());
        assertTrue(weights.values(w).isReadOnly());
      }
    }
  }

  @Test
  void shouldCopyFloat32ThatStartsAtAnOddByte() throws IOException {
    String header =
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[24,36]}}";
    byte[] json = (header + " ".repeat(Math.floorMod(1 - header.length(), 4))).getBytes(StandardCharsets.UTF_8);
    ByteBuffer file = ByteBuffer.allocate(8 + json.length + 36).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(json.length).put(json);
    for (float value : W) {
      file.putFloat(value);
    }
    for (float value : B) {
      file.putFloat(value);
    }
    Files.write(folder.resolve("model.safetensors"), file.array());
    try (MappedWeights weights = open()) {
      assertArrayEquals(W, floats(weights, w));
      assertArrayEquals(B, floats(weights, b));
      assertEquals(0, weights.mappedBytes());
      assertEquals(0, weights.values(b).address() % 64);
    }
  }

  @Test
  void shouldFeedPlansOfAllBackends() {
    WeightFiles.write(folder, "model", tensors(), Long.MAX_VALUE);
    for (String name : Backends.names()) {
      Graph graph = new Graph();
      Value doubled = graph.apply(new Affine(2, 1), graph.parameter(w));
      try (Backend backend = Backends.open(name);
          MappedWeights weights = open()) {
        PlanBuilder builder = new PlanBuilder(graph, backend).output(doubled);
        weights.bind(graph, builder);
        try (Plan plan = builder.build()) {
          plan.run();
          float[] result = plan.buffer(doubled).segment().toArray(ValueLayout.JAVA_FLOAT);
          assertArrayEquals(new float[] {3, -3, 2, 9, 11.5f, 2049}, result, name);
        }
      }
    }
  }

  @Test
  void shouldRefuseWhatLoadRefuses() {
    WeightFiles.write(folder, "model", tensors().subList(0, 1), Long.MAX_VALUE);
    UserException e = assertThrows(UserException.class, () -> open().close());
    assertEquals(folder.resolve("model.safetensors") + ": found no tensor b, expected F32[3]", e.getMessage());
  }

  @Test
  void shouldNameTheNumberThatFloat32CannotHold() {
    MemorySegment wide = arena.allocateFrom(ValueLayout.JAVA_DOUBLE, 1, 1e300, 2);
    Tensor tensor = new Tensor("b", SafetensorsType.F64, b.shape(), wide);
    WeightFiles.write(folder, "model", List.of(tensors().getFirst(), tensor), Long.MAX_VALUE);
    UserException e = assertThrows(UserException.class, () -> open().close());
    String expected = ": tensor b: found 1.0E300 as element 1, expected numbers that F32 can hold";
    assertEquals(folder.resolve("model.safetensors") + expected, e.getMessage());
  }
}
