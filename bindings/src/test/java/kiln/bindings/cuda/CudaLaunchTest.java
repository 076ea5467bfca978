package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import kiln.bindings.NativeException;
import kiln.bindings.cuda.CudaLaunch.Extent;
import kiln.bindings.cuda.CudaLaunch.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CudaLaunchTest {
  private FakeCuda cuda;
  private CudaModule module;

  @BeforeEach
  void open() {
    cuda = new FakeCuda();
    module = new CudaModule(FakeCuda.kernels());
  }

  @AfterEach
  void close() {
    if (cuda != null) {
      module.close();
      cuda.close();
    }
  }

  @Test
  void shouldPassArgumentsOfEveryType() {
    try (DeviceRegion x = cuda.floats(1, 2, 3);
        DeviceRegion y = cuda.allocate(5 * Long.BYTES);
        Arena arena = Arena.ofConfined()) {
      MemorySegment ramp = arena.allocateFrom(JAVA_LONG, 10, -3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
      try (CudaLaunch scale = new CudaLaunch(module.kernel("scale"), Shape.of(1, 32), x.memory(), 3L, 2.5f);
          CudaLaunch fill = new CudaLaunch(module.kernel("fill_ramp"), Shape.of(1, 32), y.memory(), 5, ramp)) {
        scale.launch(cuda.stream);
        fill.launch(cuda.stream);
      }
      assertArrayEquals(new float[] {2.5f, 5, 7.5f}, cuda.read(x.memory()));
      assertArrayEquals(new long[] {10, 7, 4, 1, -2}, readLongs(y.memory()));
    }
  }

  @Test
  void shouldChangeArgumentsBetweenLaunches() {
    try (DeviceRegion x = cuda.floats(1, 1, 1);
        DeviceRegion y = cuda.floats(1, 1);
        CudaLaunch scale = new CudaLaunch(module.kernel("scale"), Shape.of(1, 32), x.memory(), 3L, 2f)) {
      scale.launch(cuda.stream);
      scale.setLong(1, 1);
      scale.setFloat(2, 3);
      scale.launch(cuda.stream);
      scale.setMemory(0, y.memory());
      scale.launch(cuda.stream);
      assertArrayEquals(new float[] {6, 2, 2}, cuda.read(x.memory()));
      assertArrayEquals(new float[] {3, 1}, cuda.read(y.memory()));
    }
  }

  @Test
  void shouldPassShapeAndAttributes() {
    CudaKernel kernel = module.kernel("shape");
    kernel.allowSharedBytes(100_000);
    Shape shape = new Shape(new Extent(6, 1, 1), new Extent(64, 1, 1), 100_000, true, 2);
    try (DeviceRegion y = cuda.allocate(2 * Long.BYTES);
        CudaLaunch launch = new CudaLaunch(kernel, shape, y.memory())) {
      launch.launch(cuda.stream);
      assertArrayEquals(new long[] {6, 64}, readLongs(y.memory()));
    }
    Shape uneven = new Shape(new Extent(5, 1, 1), new Extent(64, 1, 1), 0, false, 2);
    try (DeviceRegion y = cuda.allocate(2 * Long.BYTES);
        CudaLaunch launch = new CudaLaunch(kernel, uneven, y.memory())) {
      NativeException e = assertThrows(NativeException.class, () -> launch.launch(cuda.stream));
      assertEquals(
          "libcuda: cuLaunchKernelEx failed with status=1 (CUDA_ERROR_INVALID_VALUE: invalid argument: shape)",
          e.getMessage());
    }
  }

  @Test
  void shouldDescribeKernel() {
    CudaKernel kernel = module.kernel("scale");
    assertEquals(32, kernel.numRegisters());
    assertEquals(0, kernel.localBytes());
    assertEquals(1024, kernel.maxThreads());
    assertEquals(8, kernel.blocksPerMultiprocessor(256, 0));
    assertThrows(NativeException.class, () -> kernel.allowSharedBytes(1 << 20));
  }

  @Test
  void shouldSayWhichKernelFailed() {
    try (DeviceRegion x = cuda.allocate(4000);
        CudaLaunch scale = new CudaLaunch(module.kernel("scale"), Shape.of(1, 32), x.memory(), 1000L, 1f)) {
      NativeException e = assertThrows(NativeException.class, () -> scale.launch(cuda.stream));
      assertTrue(e.getMessage().endsWith("unspecified launch failure: scale)"), e.getMessage());
    }
  }

  @Test
  void shouldSayWhatAnImageLacks() {
    NativeException kernel = assertThrows(NativeException.class, () -> module.kernel("no_such"));
    assertEquals(
        "libcuda: cuModuleGetFunction failed with status=500 (CUDA_ERROR_NOT_FOUND: named symbol not found: no_such)",
        kernel.getMessage());
    byte[] text = "this is no kernel".repeat(10).getBytes(StandardCharsets.UTF_8);
    NativeException image = assertThrows(NativeException.class, () -> new CudaModule(text));
    assertEquals(
        "libcuda: cuModuleLoadDataEx failed with status=200 (CUDA_ERROR_INVALID_IMAGE: device kernel image is invalid:"
            + " the image is no ELF file)",
        image.getMessage());
  }

  @Test
  void shouldRefuseShapesAndArgumentsThatCannotBe() {
    assertThrows(IllegalArgumentException.class, () -> Shape.of(0, 32));
    Extent one = new Extent(1, 1, 1);
    assertThrows(IllegalArgumentException.class, () -> new Shape(one, one, -1, false, 1));
    CudaKernel kernel = module.kernel("scale");
    var e = assertThrows(IllegalArgumentException.class, () -> new CudaLaunch(kernel, Shape.of(1, 32), "a text"));
    assertEquals("scale: argument 0 is a class java.lang.String", e.getMessage());
  }

  private long[] readLongs(DeviceMemory memory) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(memory.byteSize(), Long.BYTES);
      cuda.stream.copyToHost(memory, host);
      cuda.stream.synchronize();
      return host.toArray(JAVA_LONG);
    }
  }
}
