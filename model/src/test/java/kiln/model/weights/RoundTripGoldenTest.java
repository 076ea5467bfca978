package kiln.model.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kiln.model.Golden;
import kiln.model.graph.Initializer;
import kiln.model.graph.Parameter;
import kiln.model.graph.Shape;
import kiln.model.weights.SafetensorsWriter.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Published weights through every width and number of files and back, tensor by tensor. */
final class RoundTripGoldenTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"byt5_encoder", "unet_sd21", "vae"})
  void shouldKeepFloat32ThroughShards(String network) {
    try (WeightSource source = WeightSource.open(Golden.folder(network))) {
      assertTrue(write(source, SafetensorsType.F32) > 1);
      try (WeightSource copy = WeightSource.open(folder)) {
        assertEquals(source.tensors().keySet(), copy.tensors().keySet());
        source.tensors().forEach((name, entry) -> {
          assertEquals(entry.describe(), copy.tensors().get(name).describe(), name);
          assertEquals(-1, source.file(name).segment(name).mismatch(copy.file(name).segment(name)), name);
        });
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"byt5_encoder", "unet_sd21", "vae"})
  void shouldRoundToTheNearestNarrowNumber(String network) {
    try (WeightSource source = WeightSource.open(Golden.folder(network))) {
      for (SafetensorsType type : List.of(SafetensorsType.F16, SafetensorsType.BF16)) {
        Path into = folder.resolve(type.name());
        assertTrue(into.toFile().mkdir());
        List<Tensor> tensors = source.tensors().keySet().stream().map(source::tensor).toList();
        WeightFiles.write(into, WeightFinder.DIFFUSERS_STEM, tensors, type, 50_000);
        try (MappedWeights copy = MappedWeights.open(into, WeightNames.SAME, parameters(source), "")) {
          assertRounded(copy, source, type);
        }
      }
    }
  }

  private static void assertRounded(MappedWeights copy, WeightSource source, SafetensorsType type) {
    for (String name : source.tensors().keySet()) {
      float[] exact = source.file(name).segment(name).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
      float[] rounded = copy.values(name).toArray(ValueLayout.JAVA_FLOAT);
      for (int i = 0; i < exact.length; i++) {
        float half = Float.float16ToFloat(Float.floatToFloat16(exact[i]));
        assertEquals(type == SafetensorsType.F16 ? half : bfloat16(exact[i]), rounded[i], name);
      }
    }
  }

  /** Math.rint takes the even one of two neighbours that are equally near. */
  private static float bfloat16(float value) {
    double unit = Math.scalb(1.0, Math.max(Math.getExponent(value), Float.MIN_EXPONENT) - 7);
    return (float) (Math.rint(value / unit) * unit);
  }

  private int write(WeightSource source, SafetensorsType type) {
    long bytes = source.tensors().values().stream().mapToLong(TensorEntry::bytes).sum();
    List<Tensor> tensors = source.tensors().keySet().stream().map(source::tensor).toList();
    return WeightFiles.write(folder, WeightFinder.TRANSFORMERS_STEM, tensors, type, bytes / 3).size();
  }

  private static List<Parameter> parameters(WeightSource source) {
    List<Parameter> parameters = new ArrayList<>();
    source.tensors().forEach((name, entry) -> parameters.add(new Parameter(name, entry.shape(), Initializer.ZEROS)));
    return parameters;
  }

  @Test
  void shouldMapTheWeightsThatAnIndexJoins() {
    JsonNode sharded = Golden.json("safetensors_edge/index.json").required("sharded");
    for (String name : sharded.propertyNames()) {
      if (!sharded.required(name).isObject()) {
        continue;
      }
      Path path = Golden.path("safetensors_edge/" + name);
      try (WeightSource source = WeightSource.open(path);
          MappedWeights weights = MappedWeights.open(path, WeightNames.SAME, parameters(source), "")) {
        assertFalse(source.tensors().isEmpty());
        for (Parameter parameter : parameters(source)) {
          JsonNode values = sharded.required(name).required(parameter.name()).required("values");
          float[] found = weights.values(parameter.name()).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
          assertEquals(values.size(), found.length);
          for (int i = 0; i < found.length; i++) {
            assertEquals((float) values.get(i).doubleValue(), found[i], parameter.name());
          }
        }
      }
    }
  }

  @Test
  void shouldReadNarrowAndWideNumbersAsPublished() {
    JsonNode valid = Golden.json("safetensors_edge/index.json").required("valid");
    int checked = 0;
    for (String name : valid.propertyNames()) {
      try (WeightSource source = WeightSource.open(Golden.path("safetensors_edge/" + name));
          Arena arena = Arena.ofConfined()) {
        for (TensorEntry entry : source.tensors().values()) {
          JsonNode values = valid.required(name).required("tensors").required(entry.name()).path("values");
          if (TensorCast.FLOATS.contains(entry.type()) && values.isArray()) {
            MemorySegment floats = arena.allocate(ValueLayout.JAVA_FLOAT, Math.max(1, entry.elements()));
            source.readFloats(entry.name(), floats.asSlice(0, entry.elements() * Float.BYTES));
            for (int i = 0; i < entry.elements(); i++, checked++) {
              String text = values.get(i).stringValue().replace("inf", "Infinity").replace("nan", "NaN");
              assertEquals((float) Double.parseDouble(text), floats.getAtIndex(ValueLayout.JAVA_FLOAT, i), entry.name());
            }
          }
        }
      }
    }
    assertTrue(checked > 0);
  }

  @Test
  void shouldBoundTheMemoryOfLargeTensors() {
    Shape shape = Shape.of(1 << 12, 1 << 12);
    Path file = SparseWeights.write(folder.resolve("model.safetensors"), SafetensorsType.F16, shape);
    List<Parameter> parameters = List.of(new Parameter("w", shape, Initializer.ZEROS));
    try (MappedWeights weights = MappedWeights.open(file, WeightNames.SAME, parameters, "")) {
      assertEquals(shape.elements() * Float.BYTES, weights.residentBytes());
      assertTrue(SparseWeights.residentBytes(file) < 1 << 20, "pages of a file that was converted");
    }
    try (WeightSource source = WeightSource.open(file)) {
      Tensor tensor = source.tensor("w");
      List<Long> resident = new ArrayList<>();
      Tensor watched =
          new Tensor("w", tensor.type(), tensor.shape(), (offset, into) -> {
            tensor.data().read(offset, into);
            assertTrue(into.byteSize() <= 1 << 22, "bytes at a time");
            if (offset + into.byteSize() == tensor.bytes()) {
              resident.add(SparseWeights.residentBytes(file));
            }
          });
      WeightFiles.write(folder, "other", List.of(watched), SafetensorsType.BF16, 1L << 40);
      assertEquals(1, resident.size());
      assertTrue(resident.getFirst() < 1 << 20, "pages of a file that has been converted");
    }
  }
}
