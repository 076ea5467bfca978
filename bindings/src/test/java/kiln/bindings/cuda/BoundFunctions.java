package kiln.bindings.cuda;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;

/** The functions that a class of handles has. */
final class BoundFunctions {
  private BoundFunctions() {}

  static List<CudaFunction> of(Class<?> functions) {
    List<CudaFunction> found = new ArrayList<>();
    for (Field field : functions.getDeclaredFields()) {
      if (field.getType() == CudaFunction.class) {
        try {
          found.add((CudaFunction) field.get(null));
        } catch (IllegalAccessException e) {
          throw new AssertionError(e);
        }
      }
    }
    return found;
  }
}
