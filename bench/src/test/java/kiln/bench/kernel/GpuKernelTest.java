package kiln.bench.kernel;

import static kiln.model.graph.DType.BF16;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import kiln.bench.gpu.DevicePeaks;
import kiln.bench.gpu.FakeGpuLibraries;
import kiln.model.backend.cuda.CudaBackend;
import kiln.model.op.Affine;
import kiln.model.op.Geglu;
import org.junit.jupiter.api.Test;

final class GpuKernelTest {
  private static final DevicePeaks PEAKS = new DevicePeaks(1e12, 1e11, 0);

  @Test
  void shouldMeasureKernelsOnADevice() {
    FakeGpuLibraries.assumeBuilt();
    GpuKernelTable table = new GpuKernelTable(PEAKS);
    try (CudaBackend cuda = new CudaBackend(0)) {
      KernelsCommand.measure("CONV", KernelShape.conv(BF16, 1, 4, 8, 8), cuda, table);
      KernelsCommand.measure("WEIGHT_GRAD", KernelShape.linearWeightGrad(BF16, 8, 16, 8), cuda, table);
      KernelsCommand.measure("ATTENTION_GRAD", KernelShape.attentionGrad(BF16, 1, 4, 4, 2, 8), cuda, table);
      KernelsCommand.measure("GEGLU", KernelShape.of(new Geglu(), KernelShape.f32(4, 16).with(BF16)), cuda, table);
      KernelsCommand.measure("TOO_LARGE", KernelShape.of(new Affine(1, 0), KernelShape.f32(1 << 13, 1 << 13)), cuda, table);
    }
    List<String> rows = table.lines().stream().filter(line -> line.startsWith("| ")).skip(1).toList();
    assertEquals(5, rows.size(), rows.toString());
    assertTrue(rows.get(0).startsWith("| CONV | bf16[1, 4, 4, 8] f32[8, 8, 3, 3] | "), rows.get(0));
    assertEquals("| TOO_LARGE | f32[8192, 8192] | – | – | – | does not fit | – |", rows.get(4));
  }

  @Test
  void shouldSayWhichPeakBoundsAKernel() {
    GpuKernelTable table = new GpuKernelTable(PEAKS);
    table.add("COPY", KernelShape.of(new Affine(1, 0), KernelShape.f32(1000, 1000)), 1e-4); // 8 MB of 10 MB
    KernelShape product = KernelShape.linear(BF16, 1000, 1000, 1000);
    table.add("LINEAR", product, 4e-3); // 2 GFLOP of 4
    List<String> rows = table.lines().stream().filter(line -> line.startsWith("| ")).skip(1).toList();
    assertEquals("| COPY | f32[1000, 1000] | 100.0 µs | – | 80 | memory | 80 % |", rows.get(0));
    assertTrue(rows.get(1).endsWith("| 4000.0 µs | 0.5 | 2 | products | 50 % |"), rows.get(1));
  }

  @Test
  void shouldHaveCasesThatAreLargerThanCaches() {
    for (GpuKernelCase each : GpuKernelCase.values()) {
      assertEquals(BF16, each.shape().type(), each.name());
      assertTrue(each.shape().bytes() > 20_000_000, each.name());
    }
  }
}
