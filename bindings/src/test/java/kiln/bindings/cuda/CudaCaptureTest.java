package kiln.bindings.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.Map;
import kiln.bindings.cuda.CublasLtMatmul.Operands;
import kiln.bindings.cuda.CudaLaunch.Shape;
import kiln.bindings.cuda.CudnnConvolution.Size;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the libraries queue while a stream takes part in a capture goes into the graph, as kernels do. */
class CudaCaptureTest {
  private CudnnRun run;
  private FakeCuda cuda;

  @BeforeEach
  void open() {
    run = new CudnnRun();
    cuda = run.cuda;
  }

  @AfterEach
  void close() {
    if (run != null) {
      run.close();
    }
  }

  private DeviceMemory floats(float... numbers) {
    DeviceMemory memory = run.allocate((long) numbers.length * Float.BYTES);
    cuda.write(memory, numbers);
    return memory;
  }

  /** c = a·b, y = c ∗ w, y times 10, z = y by all ranks. */
  @Test
  void shouldReplayProductsConvolutionsKernelsAndCollectives() {
    DeviceMemory a = floats(1, 2, 3, 4);
    DeviceMemory b = floats(1, 0, 0, 1);
    DeviceMemory c = floats(0, 0, 0, 0);
    DeviceMemory w = floats(2);
    DeviceMemory y = floats(0, 0, 0, 0);
    DeviceMemory z = floats(0, 0, 0, 0);
    CudnnConvolution convolution =
        new CudnnConvolution(
            1, 1, new Size(2, 2), 1, Size.ONE, Size.ONE, Size.ONE, Size.ZERO, Size.ZERO, 1, CudaType.F32);
    CublasLtProduct product = CublasLtProduct.of(2, 2, 2, false, false, CudaType.F32);
    try (CublasLtHandle library = new CublasLtHandle();
        CublasLtMatmul matmul = new CublasLtMatmul(library, product, new Operands(a, b, c, null, null), 0);
        CudaModule module = new CudaModule(FakeCuda.kernels());
        CudaLaunch scale = new CudaLaunch(module.kernel("scale"), Shape.of(1, 32), y, 4L, 10f);
        NcclCommunicator ranks = NcclCommunicator.join(NcclId.create(), 0, 1, Duration.ofSeconds(20));
        CudnnGraph forward = convolution.forward()) {
      CudnnPlan plan = CudnnPlan.best(forward, run.target, CudnnNumerics.EXACT_FLOAT32, 0).orElseThrow();
      Map<Long, DeviceMemory> memory = Map.of(CudnnConvolution.X, c, CudnnConvolution.W, w, CudnnConvolution.Y, y);
      try (CudnnExecution execution = new CudnnExecution(plan, memory, new DeviceMemory(0, 0));
          CudaGraph graph =
              CudaGraph.capture(
                  cuda.stream,
                  () -> {
                    matmul.run(new DeviceMemory(0, 0), cuda.stream);
                    execution.execute(run.handle);
                    scale.launch(cuda.stream);
                    ranks.allReduce(y, z, NcclType.F32, NcclReduction.SUM, cuda.stream);
                  })) {
        assertEquals(4, graph.numNodes());
        assertArrayEquals(new float[4], cuda.read(z), "recorded, not done");
        graph.launch(cuda.stream);
        assertArrayEquals(new float[] {20, 40, 60, 80}, cuda.read(z));
        cuda.write(b, 0, 1, 1, 0);
        graph.launch(cuda.stream);
        assertArrayEquals(new float[] {40, 20, 80, 60}, cuda.read(z), "with other inputs");
        cuda.write(w, 3);
        graph.launch(cuda.stream);
        assertArrayEquals(new float[] {60, 30, 120, 90}, cuda.read(z), "with other weights");
      }
    }
  }
}
