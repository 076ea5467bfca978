package kiln.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the compiler has checked against oneDNN's headers is what the Java classes say. */
class OnednnHeaderTest {
  private static final HeaderChecks CHECKS = new HeaderChecks("onednn.c");

  @Test
  void shouldCheckEveryConstant() throws IllegalAccessException {
    Map<String, Long> declared = HeaderChecks.numbersOf(Onednn.class);
    assertFalse(declared.isEmpty());
    assertEquals(CHECKS.constants(), declared);
  }

  @Test
  void shouldCheckEverySignature() throws IllegalAccessException {
    Map<String, MethodType> declared = new HashMap<>();
    for (Field field : OnednnFunctions.class.getDeclaredFields()) {
      if (field.getType() == MethodHandle.class) {
        field.setAccessible(true);
        String name = "dnnl_" + field.getName().toLowerCase(Locale.ROOT);
        declared.put(name, ((MethodHandle) field.get(null)).type());
      }
    }
    assertFalse(declared.isEmpty());
    assertEquals(CHECKS.functions(), declared);
  }
}
