package kiln.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The Java descriptors of Kiln's own kernels against the C prototypes, which the compiler checks against the definitions. */
class CpuKernelDescriptorsTest {
  private static final Path HEADER = Path.of("..", "native", "cpu", "kernels.h");
  private static final List<Class<?>> BINDINGS =
      List.of(
          AttentionKernels.class,
          CastKernels.class,
          ElementwiseKernels.class,
          IndexKernels.class,
          MapKernels.class,
          NormKernels.class,
          OptimizerKernels.class,
          PictureKernels.class,
          ProductKernels.class,
          RandomKernels.class,
          ReduceKernels.class,
          ReductionKernels.class);
  private static final Pattern PROTOTYPE = Pattern.compile("(\\w+) (kiln_\\w+)\\(([^)]*)\\);");

  @Test
  void shouldDescribeEveryPrototypeOfTheHeader() throws IOException, IllegalAccessException {
    for (Class<?> bindings : BINDINGS) {
      MethodHandles.lookup().ensureInitialized(bindings);
    }
    Map<String, FunctionDescriptor> expected = new TreeMap<>();
    Matcher prototype = PROTOTYPE.matcher(Files.readString(HEADER).replaceAll("\\s+", " "));
    while (prototype.find()) {
      MemoryLayout[] arguments =
          Arrays.stream(prototype.group(3).split(", ")).map(CpuKernelDescriptorsTest::layout).toArray(MemoryLayout[]::new);
      String result = prototype.group(1);
      expected.put(
          prototype.group(2),
          result.equals("void") ? FunctionDescriptor.ofVoid(arguments) : FunctionDescriptor.of(layout(result), arguments));
    }
    assertFalse(expected.isEmpty());
    assertEquals(expected, new TreeMap<>(CpuKernels.descriptors()));
  }

  /** Layout of an argument such as {@code const float *x}, or of a result type. */
  private static MemoryLayout layout(String argument) {
    if (argument.contains("*")) {
      return ValueLayout.ADDRESS;
    }
    String type = argument.replaceAll(" \\w+$", "");
    return switch (type) {
      case "int64_t", "uint64_t" -> ValueLayout.JAVA_LONG;
      case "int32_t", "uint32_t" -> ValueLayout.JAVA_INT;
      case "float" -> ValueLayout.JAVA_FLOAT;
      case "double" -> ValueLayout.JAVA_DOUBLE;
      default -> throw new IllegalArgumentException("no layout for the C type " + type);
    };
  }
}
