package kiln.model.backend.cuda;

import java.util.HashMap;
import java.util.Map;
import kiln.bindings.cuda.CudnnExecution;
import kiln.bindings.cuda.CudnnPlan;
import kiln.bindings.cuda.DeviceMemory;
import kiln.model.backend.cuda.KernelLaunch.At;
import kiln.model.plan.Launch;
import kiln.model.plan.Scratch;

/** A plan of cuDNN's and where its tensors lie, which is known when it first runs and may change between runs. */
final class CudnnLaunch implements Launch {
  /** Of every tensor, as the plans are made for. */
  private static final long ALIGNMENT = 16;

  private static final long WORKSPACE_ALIGNMENT = 256;

  private final CudaEngine engine;
  private final CudnnPlan plan;
  private final long[] ids;
  private final At[] places;
  private final long workspaceBytes;
  private final long[] addresses;
  private CudnnExecution execution;

  /**
   * @param tensors where each of the graph's tensors lies, by id
   */
  CudnnLaunch(CudaEngine engine, CudnnPlan plan, Map<Long, At> tensors, Scratch scratch) {
    this.engine = engine;
    this.plan = plan;
    ids = tensors.keySet().stream().mapToLong(Long::longValue).sorted().toArray();
    workspaceBytes = plan.workspaceBytes();
    places = new At[ids.length + (workspaceBytes > 0 ? 1 : 0)];
    for (int i = 0; i < ids.length; i++) {
      places[i] = tensors.get(ids[i]);
    }
    if (workspaceBytes > 0) {
      places[ids.length] = new At(scratch.reserve(workspaceBytes + WORKSPACE_ALIGNMENT), 0);
    }
    addresses = new long[places.length];
  }

  @Override
  public void run() {
    boolean bound = execution != null;
    for (int i = 0; i < places.length; i++) {
      long address = places[i].address();
      bound &= address == addresses[i];
      addresses[i] = address;
    }
    if (!bound) {
      bind();
    }
    execution.execute(engine.cudnn());
  }

  private void bind() {
    close();
    Map<Long, DeviceMemory> memory = new HashMap<>();
    for (int i = 0; i < ids.length; i++) {
      if (addresses[i] % ALIGNMENT != 0) {
        throw new IllegalArgumentException(
            plan + ": found tensor " + ids[i] + " at 0x" + Long.toHexString(addresses[i]) + ", expected a multiple of "
                + ALIGNMENT);
      }
      memory.put(ids[i], places[i].memory());
    }
    execution = new CudnnExecution(plan, memory, workspace());
  }

  private DeviceMemory workspace() {
    if (workspaceBytes == 0) {
      return new DeviceMemory(0, 0);
    }
    long start = addresses[ids.length];
    return new DeviceMemory(start + Math.floorMod(-start, WORKSPACE_ALIGNMENT), workspaceBytes);
  }

  @Override
  public String toString() {
    return "cuDNN, " + plan;
  }

  @Override
  public void close() {
    if (execution != null) {
      execution.close();
      execution = null;
    }
  }
}
