package kiln.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the compiler has checked against oneDNN's headers is what the Java classes say. */
class OnednnHeaderTest {
  private static final String CHECKS = read(Path.of(System.getProperty("basedir", "."), "../native/checks/onednn.c"));

  @Test
  void shouldCheckEveryConstant() throws IllegalAccessException {
    Map<String, Long> checked =
        matches("^CONSTANT\\((\\w+), .*, (\\d+)\\);$").stream()
            .collect(Collectors.toMap(m -> m.group(1), m -> Long.valueOf(m.group(2))));
    Map<String, Long> declared = new HashMap<>();
    for (Field field : Onednn.class.getDeclaredFields()) {
      if (Modifier.isFinal(field.getModifiers()) && field.getType().isPrimitive()) {
        field.setAccessible(true);
        declared.put(field.getName(), ((Number) field.get(null)).longValue());
      }
    }
    assertFalse(declared.isEmpty());
    assertEquals(checked, declared);
  }

  @Test
  void shouldCheckEverySignature() throws IllegalAccessException {
    Map<String, MethodType> checked =
        matches("(?s)FUNCTION\\((dnnl_\\w+), (.*?)\\);").stream()
            .collect(Collectors.toMap(m -> m.group(1), m -> methodType(m.group(2))));
    Map<String, MethodType> declared = new HashMap<>();
    for (Field field : OnednnFunctions.class.getDeclaredFields()) {
      if (field.getType() == MethodHandle.class) {
        field.setAccessible(true);
        String name = "dnnl_" + field.getName().toLowerCase(Locale.ROOT);
        declared.put(name, ((MethodHandle) field.get(null)).type());
      }
    }
    assertFalse(declared.isEmpty());
    assertEquals(checked, declared);
  }

  private static MethodType methodType(String types) {
    List<Class<?>> carriers = new ArrayList<>();
    for (String type : types.split(",")) {
      carriers.add(carrier(type.strip()));
    }
    List<Class<?>> parameters = carriers.subList(1, carriers.size());
    return MethodType.methodType(carriers.getFirst(), parameters.equals(List.of(void.class)) ? List.of() : parameters);
  }

  private static Class<?> carrier(String type) {
    if (type.endsWith("*")) {
      return MemorySegment.class;
    }
    if (type.equals("void")) {
      return void.class;
    }
    List<MatchResult> found = matches("^AS_(\\w+)\\(" + type + "\\);$");
    assertTrue(found.size() == 1, type);
    return switch (found.getFirst().group(1)) {
      case "INT" -> int.class;
      case "FLOAT" -> float.class;
      case "LONG" -> long.class;
      case "ADDRESS" -> MemorySegment.class;
      default -> throw new AssertionError(found.getFirst().group());
    };
  }

  private static List<MatchResult> matches(String regex) {
    return Pattern.compile(regex, Pattern.MULTILINE).matcher(CHECKS).results().toList();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
