package kiln.bench.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.stream.Stream;
import kiln.bindings.Onednn;
import kiln.model.graph.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class KernelBenchmarkTest {
  @ParameterizedTest
  @EnumSource(names = {"CONV64", "CONV64_INPUT_GRAD", "LINEAR_BF16", "ATTENTION", "GROUP_NORM_SILU", "LAYER_NORM", "COPY"})
  void shouldRunOnAllSides(KernelCase kernel) {
    assumeTrue(kernel.shape().type() != DType.BF16 || Onednn.multipliesBf16(), "the processor does not multiply bfloat16");
    for (KernelSide side : KernelSide.values()) {
      if (side != KernelSide.LIBRARY || LibraryKernel.has(kernel.shape())) {
        KernelBenchmark benchmark = new KernelBenchmark();
        benchmark.kernel = kernel;
        benchmark.side = side;
        benchmark.open();
        benchmark.run();
        benchmark.close();
      }
    }
  }

  @Test
  void shouldHaveTheLibraryBesideAllThatItCanDo() {
    for (KernelCase kernel : KernelCase.values()) {
      boolean narrow = kernel.shape().type() == DType.BF16 && !Onednn.multipliesBf16();
      if (LibraryKernel.has(kernel.shape()) && !narrow) {
        new LibraryKernel(kernel.shape()).close();
      }
    }
    assertThrows(IllegalArgumentException.class, () -> new LibraryKernel(KernelCase.ATTENTION.shape()));
    assertTrue(LibraryKernel.has(KernelCase.WIDE_WEIGHT_GRAD.shape()) && LibraryKernel.has(KernelCase.SOFTMAX.shape()));
  }

  @Test
  void shouldCountWork() {
    assertEquals(2L * 32 * 16 * 16 * 64 * 64 * 9, KernelCase.CONV64.shape().flops());
    assertEquals(2L * 32 * 16 * 16 * 64 * Float.BYTES, KernelCase.COPY.shape().bytes());
    assertTrue(Stream.of(KernelCase.values()).noneMatch(c -> c.multiplies() && !c.hasSmall()));
  }

  @Test
  void shouldPutRatesAndRatiosInARow() {
    KernelTable table = new KernelTable(new KernelTable.Peaks(500e9, 1000e9, 20e9));
    table.add(KernelCase.COPY, KernelSide.KILN, 500e-6);
    table.add(KernelCase.COPY, KernelSide.LIBRARY, 400e-6);
    table.add(KernelCase.COPY, KernelSide.REFERENCE, 5e-3);
    List<String> lines = table.lines();
    String row = lines.get(2);
    assertTrue(row.startsWith("| COPY | f32[32, 16, 16, 64] | 500.0 µs | 8 GB/s | 42 % | 400.0 µs | 0.80 | 5000.0 µs | 10 |"), row);
    assertEquals(row.split("\\|").length, lines.getFirst().split("\\|").length);
  }
}
