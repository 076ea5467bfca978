package kiln.bindings;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What a file of native/checks says, which the compiler has compared with a vendor's headers. */
public final class HeaderChecks {
  private final String text;

  /**
   * @param file in native/checks
   */
  public HeaderChecks(String file) {
    try {
      text = Files.readString(Path.of(System.getProperty("basedir", "."), "../native/checks", file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Values of constants by the names of the Java fields. */
  public Map<String, Long> constants() {
    return matches("^CONSTANT\\((\\w+), .*, (-?\\d+)\\);$").stream()
        .collect(Collectors.toMap(m -> m.group(1), m -> Long.valueOf(m.group(2))));
  }

  /** Java's types of functions by their names. */
  public Map<String, MethodType> functions() {
    return matches("(?s)FUNCTION\\((\\w+), (.*?)\\);").stream()
        .collect(Collectors.toMap(m -> m.group(1), m -> methodType(m.group(2))));
  }

  /** Values of a class's final numbers, by name. */
  public static Map<String, Long> numbersOf(Class<?> type) throws IllegalAccessException {
    Map<String, Long> declared = new HashMap<>();
    for (Field field : type.getDeclaredFields()) {
      if (Modifier.isFinal(field.getModifiers()) && field.getType().isPrimitive()) {
        field.setAccessible(true);
        declared.put(field.getName(), ((Number) field.get(null)).longValue());
      }
    }
    return declared;
  }

  private MethodType methodType(String types) {
    List<Class<?>> carriers = new ArrayList<>();
    for (String type : types.split(",")) {
      carriers.add(carrier(type.strip()));
    }
    List<Class<?>> parameters = carriers.subList(1, carriers.size());
    return MethodType.methodType(carriers.getFirst(), parameters.equals(List.of(void.class)) ? List.of() : parameters);
  }

  private Class<?> carrier(String type) {
    if (type.endsWith("*")) {
      return MemorySegment.class;
    }
    if (type.equals("void")) {
      return void.class;
    }
    List<MatchResult> found = matches("^AS_(\\w+)\\(" + type.replaceAll("^const | const$", "") + "\\);$");
    assertTrue(found.size() == 1, type);
    return switch (found.getFirst().group(1)) {
      case "BYTE" -> byte.class;
      case "INT" -> int.class;
      case "FLOAT" -> float.class;
      case "LONG" -> long.class;
      case "ADDRESS", "STRUCT" -> MemorySegment.class;
      default -> throw new AssertionError(found.getFirst().group());
    };
  }

  private List<MatchResult> matches(String regex) {
    return Pattern.compile(regex, Pattern.MULTILINE).matcher(text).results().toList();
  }
}
