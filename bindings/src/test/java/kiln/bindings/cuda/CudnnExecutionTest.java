package kiln.bindings.cuda;

import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_VARIANT_PACK_WORKSPACE;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_POINTWISE_EXP;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import kiln.bindings.NativeException;
import kiln.bindings.cuda.CudnnConvolution.Size;
import kiln.bindings.cuda.CudnnTensor.Dims;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What cuDNN for tests (native/fake_cuda/cudnn) finds that a device would answer with wrong numbers or a crash. */
class CudnnExecutionTest {
  private static final Dims DIMS = new Dims(2, 3, 4, 5);
  private static final int BYTES = 64 * Float.BYTES;

  private CudnnRun run;
  private CudnnGraph graph;
  private CudnnPlan plan;
  private DeviceMemory x;
  private DeviceMemory w;
  private DeviceMemory y;
  private DeviceMemory scratch;

  @BeforeEach
  void open() {
    run = new CudnnRun();
    graph =
        new CudnnConvolution(
                1, 1, new Size(8, 8), 1, Size.ONE, Size.ONE, Size.ONE, Size.ZERO, Size.ZERO, 1, CudaType.F32)
            .forward();
    plan = CudnnPlan.best(graph, run.target, CudnnNumerics.EXACT_FLOAT32, 1 << 20).orElseThrow();
    assertTrue(plan.workspaceBytes() > 0);
    x = run.allocate(BYTES);
    w = run.allocate(16);
    y = run.allocate(BYTES);
    scratch = run.allocate(plan.workspaceBytes());
  }

  @AfterEach
  void close() {
    if (run != null) {
      graph.close();
      run.close();
    }
  }

  private static MemorySegment at(long address) {
    return MemorySegment.ofAddress(address);
  }

  private void execute(long[] ids, MemorySegment workspace, MemorySegment... pointers) {
    try (CudnnDescriptor pack = new CudnnDescriptor(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR)) {
      pack.setLongs(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, ids)
          .setPointers(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, pointers)
          .setPointers(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, workspace)
          .complete();
      CudnnFunctions.BACKEND_EXECUTE.call(run.handle.handle(), plan.descriptor().handle(), pack.handle());
    }
  }

  private static void assertRefused(String words, Executable call) {
    NativeException e = assertThrows(NativeException.class, call);
    assertEquals("cudnnBackendExecute", e.function());
    assertTrue(e.text().contains(words), e.text());
  }

  @Test
  void shouldCheckWhatAnExecutionIsGiven() {
    long[] ids = {CudnnConvolution.X, CudnnConvolution.W, CudnnConvolution.Y};
    long[] two = {CudnnConvolution.X, CudnnConvolution.W};
    MemorySegment in = x.segment();
    MemorySegment filter = w.segment();
    MemorySegment out = y.segment();
    MemorySegment space = scratch.segment();
    run.write(x, CudaType.F32, CudnnRun.numbers(64, 1));
    run.write(w, CudaType.F32, 1, 0, 0, 0);
    execute(ids, space, in, filter, out);
    assertArrayEquals(CudnnRun.numbers(64, 1), run.read(y, CudaType.F32));
    assertRefused("CUDNN_STATUS_BAD_PARAM: no pointer for tensor 3", () -> execute(two, space, in, filter));
    assertRefused("BAD_PARAM_NULL_POINTER: the plan needs", () -> execute(ids, at(0), in, filter, out));
    assertRefused("the plan needs 4096 bytes of scratch", () -> execute(ids, in, in, filter, out));
    assertRefused("MISALIGNED_POINTER: tensor 1", () -> execute(ids, space, at(x.address() + 4), filter, out));
    assertRefused("tensor 1: it needs 256 bytes", () -> execute(ids, space, at(x.address() + 16), filter, out));
    assertRefused("tensor 3: it needs 256 bytes", () -> execute(ids, space, in, filter, filter));
  }

  @Test
  void shouldOverwriteScratch() {
    long[] ids = {CudnnConvolution.X, CudnnConvolution.W, CudnnConvolution.Y};
    run.cuda.stream.fill(scratch, (byte) 0);
    run.cuda.stream.fill(w, (byte) 0);
    execute(ids, scratch.segment(), scratch.segment(), w.segment(), y.segment());
    assertTrue(Float.isNaN(run.read(y, CudaType.F32)[0]), "x lay there, and is no number any more");
  }

  /** NVIDIA's takes such a graph. */
  @Test
  void shouldRefuseGraphsThatReadWhatNothingWrites() {
    try (CudnnGraph other = new CudnnGraph()) {
      CudnnTensor result = other.memory(2, DIMS, DIMS.rowMajor(), CudaType.F32);
      other.pointwise(CUDNN_POINTWISE_EXP, other.virtual(DIMS, CudaType.F32), result);
      NativeException e = assertThrows(NativeException.class, other::complete);
      assertTrue(e.text().contains("no operation writes the virtual tensor 1000"), e.text());
    }
  }
}
