package kiln.model.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kiln.bindings.UserException;
import kiln.model.Golden;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** The format's corner cases, as the reference implementation reads or refuses them. */
final class SafetensorsGoldenTest {
  private static final JsonNode INDEX = Golden.json("safetensors_edge/index.json");

  private static Path file(String name) {
    return Golden.folder("safetensors_edge").resolve(name);
  }

  @TestFactory
  Stream<DynamicTest> shouldReadValidFiles() {
    return INDEX.required("valid").propertyStream()
        .map(c -> DynamicTest.dynamicTest(c.getKey(), () -> read(c.getKey(), c.getValue())));
  }

  private static void read(String name, JsonNode expected) {
    try (SafetensorsFile file = SafetensorsFile.open(file(name))) {
      Map<String, String> metadata =
          expected.required("metadata").propertyStream()
              .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().stringValue()));
      assertEquals(metadata, file.metadata());
      Map<String, JsonNode> tensors =
          expected.required("tensors").propertyStream().collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
      assertEquals(tensors.keySet(), file.tensors().keySet());
      tensors.forEach((tensor, node) -> {
        TensorEntry entry = file.tensors().get(tensor);
        MemorySegment segment = file.segment(tensor);
        assertEquals(node.required("dtype").stringValue(), entry.type().name(), tensor);
        assertEquals(node.required("shape").valueStream().map(JsonNode::longValue).toList(), entry.dims(), tensor);
        byte[] bytes = segment.toArray(ValueLayout.JAVA_BYTE);
        assertEquals(node.required("bytes_hex").stringValue(), HexFormat.of().formatHex(bytes), tensor);
        assertTrue(segment.isReadOnly(), tensor);
        if (entry.type() == SafetensorsType.F32) {
          float[] values = segment.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
          for (int i = 0; i < values.length; i++) {
            String text = node.required("values").get(i).stringValue();
            assertEquals(Float.parseFloat(text.replace("inf", "Infinity").replace("nan", "NaN")), values[i], tensor);
          }
        }
      });
    }
  }

  @TestFactory
  Stream<DynamicTest> shouldRefuseMalformedFilesInOneLine() {
    return INDEX.required("malformed").propertyStream()
        .filter(c -> c.getValue().required("must_refuse").booleanValue())
        .map(c -> DynamicTest.dynamicTest(c.getKey(), () -> refuse(c.getKey())));
  }

  private static void refuse(String name) {
    UserException e = assertThrows(UserException.class, () -> SafetensorsFile.open(file(name)).close());
    assertTrue(e.getMessage().startsWith(file(name).toString()), e.getMessage());
    assertTrue(e.getMessage().contains("at byte "), e.getMessage());
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
  }

  @TestFactory
  Stream<DynamicTest> shouldFollowTheIndexOfShards() {
    return INDEX.required("sharded").propertyStream()
        .map(c -> DynamicTest.dynamicTest(c.getKey(), () -> readShards(c.getKey(), c.getValue())));
  }

  private static void readShards(String name, JsonNode expected) {
    Path path = file(name).resolve("model.safetensors.index.json");
    assertTrue(Files.exists(path));
    if (!expected.isObject()) {
      UserException e = assertThrows(UserException.class, () -> SafetensorsIndex.open(path).close());
      assertTrue(e.getMessage().startsWith(path.toString()), e.getMessage());
      return;
    }
    try (SafetensorsIndex index = SafetensorsIndex.open(path)) {
      assertFalse(expected.isEmpty());
      expected.properties().forEach(property -> {
        SafetensorsFile shard = index.tensors().get(property.getKey()).pieces().getFirst().file();
        JsonNode tensor = property.getValue();
        assertEquals(
            tensor.required("shape").valueStream().map(JsonNode::longValue).toList(),
            shard.tensors().get(property.getKey()).dims());
        float[] values = shard.segment(property.getKey()).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
        for (int i = 0; i < values.length; i++) {
          assertEquals((float) tensor.required("values").get(i).doubleValue(), values[i]);
        }
      });
    }
  }
}
