package kiln.bindings.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kiln.bindings.NativeException;
import kiln.bindings.cuda.CudaLaunch.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CudaGraphTest {
  private FakeCuda cuda;
  private CudaModule module;
  private CudaStream other;

  @BeforeEach
  void open() {
    cuda = new FakeCuda();
    module = new CudaModule(FakeCuda.kernels());
    other = new CudaStream();
  }

  @AfterEach
  void close() {
    if (cuda != null) {
      other.close();
      module.close();
      cuda.close();
    }
  }

  private CudaLaunch scale(DeviceRegion x, float factor) {
    return new CudaLaunch(module.kernel("scale"), Shape.of(1, 32), x.memory(), x.byteSize() / Float.BYTES, factor);
  }

  @Test
  void shouldRecordAndReplay() {
    try (DeviceRegion x = cuda.floats(1, 2);
        DeviceRegion y = cuda.floats(0, 0);
        CudaLaunch scale = scale(x, 3);
        CudaGraph graph =
            CudaGraph.capture(
                cuda.stream,
                () -> {
                  scale.launch(cuda.stream);
                  cuda.stream.copy(x.memory(), y.memory());
                  cuda.stream.fill(x.slice(4, 4), (byte) 0);
                })) {
      assertEquals(3, graph.numNodes());
      assertArrayEquals(new float[] {1, 2}, cuda.read(x.memory()), "recorded, not done");
      graph.upload(cuda.stream);
      graph.launch(cuda.stream);
      assertArrayEquals(new float[] {3, 6}, cuda.read(y.memory()));
      cuda.write(x.memory(), 5, 7);
      scale.setFloat(2, 100); // the graph has its own copy
      graph.launch(cuda.stream);
      assertArrayEquals(new float[] {15, 21}, cuda.read(y.memory()));
      assertArrayEquals(new float[] {15, 0}, cuda.read(x.memory()));
    }
  }

  @Test
  void shouldRecordWorkOfSeveralStreams() {
    try (DeviceRegion x = cuda.floats(1);
        DeviceRegion y = cuda.floats(1);
        CudaLaunch one = scale(x, 2);
        CudaLaunch two = scale(y, 5);
        CudaEvent fork = CudaEvent.forOrder();
        CudaEvent join = CudaEvent.forOrder();
        CudaGraph graph = CudaGraph.capture(cuda.stream, () -> both(one, two, fork, join))) {
      assertEquals(2, graph.numNodes());
      graph.launch(cuda.stream);
      graph.launch(cuda.stream);
      assertArrayEquals(new float[] {4}, cuda.read(x.memory()));
      assertArrayEquals(new float[] {25}, cuda.read(y.memory()));
      two.launch(other); // it is an ordinary stream again
      other.waitFor(fork);
      other.synchronize();
      assertArrayEquals(new float[] {125}, cuda.read(y.memory()));
    }
  }

  private void both(CudaLaunch one, CudaLaunch two, CudaEvent fork, CudaEvent join) {
    fork.record(cuda.stream);
    other.waitFor(fork);
    two.launch(other);
    join.record(other);
    one.launch(cuda.stream);
    cuda.stream.waitFor(join);
  }

  @Test
  void shouldRefuseStreamsThatWereNotJoined() {
    try (DeviceRegion x = cuda.floats(1);
        CudaLaunch launch = scale(x, 2);
        CudaEvent fork = CudaEvent.forOrder()) {
      Runnable work =
          () -> {
            fork.record(cuda.stream);
            other.waitFor(fork);
            launch.launch(other);
          };
      NativeException e = assertThrows(NativeException.class, () -> CudaGraph.capture(cuda.stream, work));
      assertEquals("cuStreamEndCapture", e.function());
      launch.launch(cuda.stream);
      assertArrayEquals(new float[] {2}, cuda.read(x.memory()));
    }
  }

  @Test
  void shouldLeaveStreamUsableIfWorkFails() {
    try (DeviceRegion x = cuda.floats(1);
        CudaLaunch launch = scale(x, 2)) {
      Runnable waits =
          () -> {
            launch.launch(cuda.stream);
            cuda.stream.synchronize();
          };
      NativeException e = assertThrows(NativeException.class, () -> CudaGraph.capture(cuda.stream, waits));
      assertEquals("cuStreamSynchronize", e.function());
      assertTrue(e.text().startsWith("CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED"), e.text());
      launch.launch(cuda.stream);
      assertArrayEquals(new float[] {2}, cuda.read(x.memory()));
    }
  }

  @Test
  void shouldTakeOtherArgumentsButNotOtherWork() {
    try (DeviceRegion x = cuda.floats(1);
        CudaLaunch launch = scale(x, 2);
        CudaGraph graph = CudaGraph.capture(cuda.stream, () -> launch.launch(cuda.stream))) {
      launch.setFloat(2, 10);
      assertTrue(graph.update(cuda.stream, () -> launch.launch(cuda.stream)));
      assertFalse(graph.update(cuda.stream, () -> cuda.stream.fill(x.memory(), (byte) 0)));
      graph.launch(cuda.stream);
      assertArrayEquals(new float[] {10}, cuda.read(x.memory()));
    }
  }
}
