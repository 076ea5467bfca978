package kiln.model.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import kiln.bindings.cuda.CudaType;
import kiln.bindings.cuda.CudnnConvolution;
import kiln.bindings.cuda.CudnnConvolution.Size;
import kiln.bindings.cuda.CudnnNumerics;
import kiln.model.backend.KernelCases;
import kiln.model.backend.reference.ReferenceBackend;
import kiln.model.graph.TensorType;
import kiln.model.op.Conv2d;
import kiln.model.op.Conv2dInputGrad;
import kiln.model.op.Conv2dWeightGrad;
import kiln.model.op.ConvGeometry;
import kiln.model.op.MatMul;
import org.junit.jupiter.api.Test;

class FastestTest {
  @Test
  void shouldPreferTheLibrarysOrderUnlessItIsClearlySlower() {
    assertEquals(0, Fastest.best(1));
    assertEquals(0, Fastest.best(1, 0.98, 1.5));
    assertEquals(1, Fastest.best(1, 0.9, 0.89));
    assertEquals(2, Fastest.best(1, 1.2, 0.5, 0.6));
  }

  @Test
  void shouldTryPlansInMemoryThatItGivesBack() {
    Size size = new Size(9, 9);
    CudnnConvolution convolution =
        new CudnnConvolution(
            1, 3, size, 5, new Size(3, 3), Size.ONE, Size.ONE, Size.ONE, Size.ONE, 1, CudaType.BF16);
    try (CudaEngine engine = FakeGpu.open()) {
      long before = engine.pool().usedBytes();
      assertTrue(engine.plan("unmeasured", convolution::forward, CudnnNumerics.REPEATABLE, 1 << 20).isPresent());
      assertEquals(before, engine.pool().peakBytes());
      engine.autotune(true);
      assertTrue(engine.plan("measured", convolution::forward, CudnnNumerics.REPEATABLE, 1 << 20).isPresent());
      assertTrue(engine.pool().peakBytes() >= before + 2 * 9 * 9 * (3 + 5), "peak=" + engine.pool().peakBytes());
      assertEquals(before, engine.pool().usedBytes());
    }
  }

  @Test
  void shouldComputeTheSameByMeasuredWays() {
    ConvGeometry same = ConvGeometry.square(1, 1);
    TensorType map = KernelCases.f32(2, 5, 4, 3);
    TensorType filter = KernelCases.f32(7, 3, 3, 3);
    TensorType out = KernelCases.f32(2, 5, 4, 7);
    for (KernelCases.Case c :
        List.of(
            KernelCases.of(new Conv2d(same), map, filter, KernelCases.f32(7)),
            KernelCases.of(new Conv2dInputGrad(same, 5, 4), out, filter),
            KernelCases.of(new Conv2dWeightGrad(same, filter.shape()), map, out),
            KernelCases.of(new MatMul(false, true), KernelCases.f32(9, 35), KernelCases.f32(11, 35), KernelCases.f32(11)))) {
      CudaBackend backend = FakeGpu.backend();
      backend.autotune(true);
      List<float[]> expected = KernelCases.run(c, new ReferenceBackend());
      List<float[]> actual = KernelCases.run(c, backend);
      KernelCases.assertClose(expected.getFirst(), actual.getFirst(), c.toString());
    }
  }
}
