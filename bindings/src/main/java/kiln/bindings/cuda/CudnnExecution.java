package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static kiln.bindings.NativeLibraries.unexpected;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_VARIANT_PACK_WORKSPACE;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * A {@link CudnnPlan} with the addresses of its tensors, to be executed again and again. cuDNN may load kernels at the first
 * execution, so there has to be one before it is captured into a {@link CudaGraph}. Whoever makes one closes it.
 */
public final class CudnnExecution implements AutoCloseable {
  private final MemorySegment plan;
  private final CudnnDescriptor pack;
  private final Arena arena = Arena.ofShared();

  /**
   * @param memory of each of the graph's tensors, by id: as many bytes as it needs, or more; aligned to 16 bytes
   * @param workspace {@link CudnnPlan#workspaceBytes} or more; may be of no bytes if that is 0
   */
  public CudnnExecution(CudnnPlan plan, Map<Long, DeviceMemory> memory, DeviceMemory workspace) {
    CudnnGraph graph = plan.graph();
    List<Long> ids = new ArrayList<>(graph.memoryIds());
    if (!memory.keySet().equals(new TreeSet<>(ids))) {
      throw new IllegalArgumentException("memory for the tensors " + memory.keySet() + ", expected it for " + ids);
    }
    requireBytes("the scratch", plan.workspaceBytes(), workspace);
    List<MemorySegment> pointers = new ArrayList<>();
    for (long id : ids) {
      DeviceMemory place = memory.get(id);
      requireBytes("tensor " + id, graph.bytes(id), place);
      pointers.add(place.pointer());
    }
    // Numbers are read from the host's memory whenever the plan is executed.
    graph.values().forEach(
        (id, number) -> {
          ids.add(id);
          pointers.add(arena.allocateFrom(JAVA_FLOAT, number));
        });
    this.plan = plan.descriptor().handle();
    pack = new CudnnDescriptor(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
    pack.setLongs(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, ids.stream().mapToLong(Long::longValue).toArray())
        .setPointers(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, pointers.toArray(MemorySegment[]::new))
        .setPointers(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, workspace.pointer())
        .complete();
  }

  private static void requireBytes(String what, long expected, DeviceMemory found) {
    if (found.byteSize() < expected) {
      throw new IllegalArgumentException(what + " needs " + expected + " bytes, found " + found);
    }
  }

  /** Queues it in the handle's stream. */
  public void execute(CudnnHandle handle) {
    try {
      CudnnFunctions.BACKEND_EXECUTE.check(
          (int) CudnnFunctions.BACKEND_EXECUTE.handle().invokeExact(handle.handle(), plan, pack.handle()));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  @Override
  public void close() {
    pack.close();
    arena.close();
  }
}
