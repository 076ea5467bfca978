package kiln.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class JavaCommandTest {
  private static final String PROPERTY = "kiln.test.value";

  private static List<String> command() {
    return JavaCommand.of(JavaCommandTest.class, List.of("-Xmx64m"), List.of("a", "b"));
  }

  @Test
  void shouldPassOnPropertiesAsTheyAreNow() {
    System.setProperty(PROPERTY, "1");
    try {
      assertTrue(command().contains("-D" + PROPERTY + "=1"), () -> command().toString());
      System.setProperty(PROPERTY, "2");
      assertEquals(
          List.of("-D" + PROPERTY + "=2"), command().stream().filter(option -> option.startsWith("-D" + PROPERTY)).toList());
    } finally {
      System.clearProperty(PROPERTY);
    }
    assertFalse(command().toString().contains(PROPERTY), () -> command().toString());
  }

  @Test
  void shouldPassOnModuleOptionsButNoHeap() {
    List<String> command = command();
    assertEquals(JavaCommand.java(), command.getFirst());
    assertTrue(command.stream().anyMatch(option -> option.startsWith("--enable-native-access=")), command::toString);
    assertEquals(List.of("-Xmx64m"), command.stream().filter(option -> option.startsWith("-Xmx")).toList());
    assertEquals(List.of(JavaCommandTest.class.getName(), "a", "b"), command.subList(command.size() - 3, command.size()));
  }
}
