package kiln.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** That what the compiler has checked against the system's headers is what a Java class says. */
final class SystemConstants {
  private static final Pattern CONSTANT = Pattern.compile("^CONSTANT\\((\\w+), .*, (-?\\d+)\\);$", Pattern.MULTILINE);

  private SystemConstants() {}

  /**
   * @param checks a file of native/checks, with all constants of {@code of} that are not private
   */
  static void assertChecked(Class<?> of, String checks) throws IOException, IllegalAccessException {
    String text = Files.readString(Path.of(System.getProperty("basedir", "."), "../native/checks", checks));
    Map<String, Long> checked =
        CONSTANT.matcher(text).results().collect(Collectors.toMap(m -> m.group(1), m -> Long.valueOf(m.group(2))));
    Map<String, Long> declared = new HashMap<>();
    for (Field field : of.getDeclaredFields()) {
      int modifiers = field.getModifiers();
      if (field.getType().isPrimitive() && Modifier.isStatic(modifiers) && !Modifier.isPrivate(modifiers)) {
        declared.put(field.getName(), ((Number) field.get(null)).longValue());
      }
    }
    assertEquals(checked, declared);
  }
}
