package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Executes graphs of cuDNN for tests (native/fake_cuda/cudnn) over numbers of Java's. */
final class CudnnRun implements AutoCloseable {
  final FakeCuda cuda;
  final CudnnHandle handle;
  final CudnnTarget target;
  private final List<DeviceRegion> regions = new ArrayList<>();
  private final List<CudnnExecution> executions = new ArrayList<>();

  CudnnRun() {
    assumeFake();
    cuda = new FakeCuda();
    handle = new CudnnHandle(cuda.stream);
    target = CudnnTarget.of(handle);
  }

  /** Whether this process uses cuDNN for tests, and not NVIDIA's, which needs a GPU to execute. */
  static boolean isFake() {
    return CudaLibraries.lookup(CudaLibrary.CUDNN).find("kiln_fake_cudnn_live").isPresent();
  }

  private static void assumeFake() {
    assumeTrue(isFake(), "skipped: this process uses NVIDIA's cuDNN");
  }

  /** Device memory for every tensor of a graph, and what it holds. */
  final class Tensors {
    private final CudnnGraph graph;
    private final CudaType type;
    final Map<Long, DeviceMemory> memory = new HashMap<>();

    Tensors(CudnnGraph graph, CudaType type) {
      this.graph = graph;
      this.type = type;
      for (long id : graph.memoryIds()) {
        memory.put(id, CudnnRun.this.allocate(graph.bytes(id)));
        cuda.stream.fill(memory.get(id), (byte) 0x7f); // large numbers, where nothing was written
      }
    }

    Tensors put(long id, float... numbers) {
      write(memory.get(id), graph.tensor(id).type(), numbers);
      return this;
    }

    float[] get(long id) {
      return read(memory.get(id), graph.tensor(id).type());
    }

    Tensors run(CudnnNumerics numerics) {
      execution(CudnnPlan.best(graph, target, numerics, 1 << 20).orElseThrow()).execute(handle);
      return this;
    }

    Tensors run() {
      return run(type == CudaType.F32 ? CudnnNumerics.EXACT_FLOAT32 : CudnnNumerics.REPEATABLE);
    }

    CudnnExecution execution(CudnnPlan plan) {
      DeviceMemory scratch =
          plan.workspaceBytes() == 0 ? new DeviceMemory(0, 0) : CudnnRun.this.allocate(plan.workspaceBytes());
      CudnnExecution execution = new CudnnExecution(plan, memory, scratch);
      executions.add(execution);
      return execution;
    }
  }

  DeviceMemory allocate(long bytes) {
    regions.add(cuda.allocate(bytes));
    return regions.getLast().memory();
  }

  void write(DeviceMemory memory, CudaType type, float... numbers) {
    if (type == CudaType.F32) {
      cuda.write(memory, numbers);
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(JAVA_SHORT, numbers.length);
      for (int i = 0; i < numbers.length; i++) {
        host.setAtIndex(JAVA_SHORT, i, bits(numbers[i]));
      }
      cuda.stream.copyToDevice(host, memory);
      cuda.stream.synchronize();
    }
  }

  float[] read(DeviceMemory memory, CudaType type) {
    if (type == CudaType.F32) {
      return cuda.read(memory);
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(JAVA_SHORT, memory.byteSize() / Short.BYTES);
      cuda.stream.copyToHost(memory, host);
      cuda.stream.synchronize();
      float[] numbers = new float[(int) (memory.byteSize() / Short.BYTES)];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = Float.intBitsToFloat(host.getAtIndex(JAVA_SHORT, i) << 16);
      }
      return numbers;
    }
  }

  /** To the nearest, to even from the middle. */
  static short bits(float x) {
    int bits = Float.floatToRawIntBits(x);
    return (short) ((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
  }

  /** The number as the type has it. */
  static float round(CudaType type, float x) {
    return type == CudaType.F32 ? x : Float.intBitsToFloat(bits(x) << 16);
  }

  /** Numbers between -2 and 2, of few bits and no order to be seen. */
  static float[] numbers(long count, int seed) {
    float[] x = new float[(int) count];
    for (int i = 0; i < x.length; i++) {
      x[i] = ((i * 37 + seed * 101 + i * i % 13) % 33 - 16) / 8f;
    }
    return x;
  }

  @Override
  public void close() {
    executions.forEach(CudnnExecution::close);
    regions.forEach(DeviceRegion::close);
    target.close();
    handle.close();
    assertEquals(0, FakeCuda.call(CudaLibrary.CUDNN, "kiln_fake_cudnn_live"), "descriptors that were not closed");
    cuda.close();
  }
}
