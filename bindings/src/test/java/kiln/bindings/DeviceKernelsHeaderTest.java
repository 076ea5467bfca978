package kiln.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The Java list of CUDA kernels against {@code kernels.h}, which the compilers check against the definitions. */
class DeviceKernelsHeaderTest {
  private static final Path CUDA = Path.of("..", "native", "cuda");
  private static final Pattern PROTOTYPE = Pattern.compile("KILN_(\\w+) (kiln_\\w+)\\(([^)]*)\\);");

  @Test
  void shouldListEveryKernelOfTheHeader() throws IOException {
    Map<String, String> expected = new TreeMap<>();
    Matcher prototype = PROTOTYPE.matcher(Files.readString(CUDA.resolve("kernels.h")).replaceAll("\\s+", " "));
    while (prototype.find()) {
      String letters = Arrays.stream(prototype.group(3).split(", ")).map(DeviceKernelsHeaderTest::letter).collect(Collectors.joining());
      expected.put(prototype.group(2), prototype.group(1) + " " + letters);
    }
    Map<String, String> actual = new TreeMap<>();
    for (DeviceKernel kernel : DeviceKernel.values()) {
      assertEquals("kiln_" + kernel.name().toLowerCase(java.util.Locale.ROOT), kernel.symbol());
      actual.put(kernel.symbol(), kernel.work() + " " + kernel.arguments());
    }
    assertEquals(expected, actual);
  }

  private static String letter(String argument) {
    if (argument.contains("*")) {
      return "p";
    }
    String type = argument.replaceAll(" \\w+$", "");
    return switch (type) {
      case "int64_t", "uint64_t" -> "l";
      case "int32_t", "uint32_t" -> "i";
      case "float" -> "f";
      case "double" -> "d";
      case "kiln_layout", "kiln_scores" -> "s";
      default -> throw new IllegalArgumentException("no letter for the C type " + type);
    };
  }

  @Test
  void shouldFindEveryKernelInTheShim() {
    Map<String, String> expected = new TreeMap<>();
    for (DeviceKernel kernel : DeviceKernel.values()) {
      expected.put(kernel.symbol(), kernel.arguments());
    }
    try (CudaShim shim = new CudaShim()) {
      Map<String, String> actual = shim.kernels();
      actual.keySet().removeIf(name -> name.startsWith("kiln_fault_"));
      assertEquals(expected, actual);
    }
  }

  @Test
  void shouldHaveTheGeometryOfTheHeader() throws IOException {
    String header = Files.readString(CUDA.resolve("kiln.h"));
    assertTrue(header.contains("#define KILN_THREADS " + DeviceKernel.THREADS + "\n"));
    assertTrue(header.contains("#define KILN_RUN " + NormKernels.ROWS_PER_PARTIAL + "\n"));
    for (DeviceKernel.Work work : DeviceKernel.Work.values()) {
      Matcher rule = Pattern.compile("KILN_" + work + " +(?:ceil\\(items / (\\d+)\\)|as many blocks as items)").matcher(header);
      assertTrue(rule.find(), work::toString);
      int itemsPerBlock = rule.group(1) == null ? 1 : Integer.parseInt(rule.group(1));
      assertEquals(1, work.numBlocks(0));
      assertEquals(1, work.numBlocks(itemsPerBlock));
      assertEquals(2, work.numBlocks(itemsPerBlock + 1));
      assertEquals(10, work.numBlocks(10L * itemsPerBlock));
    }
  }

  @Test
  void shouldLayOutArgumentsAsTheDriverReadsThem() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment x = arena.allocate(16);
      long[] layout = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
      KernelCall call = new KernelCall(arena, DeviceKernel.PERMUTE_TILES, 3, 1, x, MemorySegment.NULL, layout, 4L);
      call.setAddress(2, 77);
      assertEquals(1, argument(call, 0, 4).get(ValueLayout.JAVA_INT, 0));
      assertEquals(x.address(), argument(call, 1, 8).get(ValueLayout.JAVA_LONG, 0));
      assertEquals(77, argument(call, 2, 8).get(ValueLayout.JAVA_LONG, 0));
      assertEquals(12, argument(call, 3, 96).getAtIndex(ValueLayout.JAVA_LONG, 11));
      assertEquals(4, argument(call, 4, 8).get(ValueLayout.JAVA_LONG, 0));
      assertEquals(3, call.numBlocks());
      assertThrows(IllegalArgumentException.class, () -> call.setAddress(0, 77));
      assertThrows(IllegalArgumentException.class, () -> new KernelCall(arena, DeviceKernel.EMA_F32, 1, x, x, 1, 0.5f));
      assertThrows(IllegalArgumentException.class, () -> new KernelCall(arena, DeviceKernel.EMA_F32, 1, x, x, 1L));
    }
  }

  private static MemorySegment argument(KernelCall call, int index, long bytes) {
    return call.arguments().getAtIndex(ValueLayout.ADDRESS, index).reinterpret(bytes);
  }

  @Test
  void shouldBringAModuleIfNvccMadeOne() {
    if (DeviceKernelImage.isThere()) {
      byte[] image = DeviceKernelImage.read();
      String text = new String(image, java.nio.charset.StandardCharsets.ISO_8859_1);
      assertEquals(0xba55ed50, MemorySegment.ofArray(image).get(ValueLayout.JAVA_INT_UNALIGNED, 0), "the magic number of a fatbin");
      assertTrue(text.length() > 100_000 && text.length() < 4_000_000, "numBytes=" + text.length());
    } else {
      assertThrows(UserException.class, DeviceKernelImage::read);
    }
  }
}
