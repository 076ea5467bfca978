package kiln.model.backend.cuda;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
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
  private final Places places; // of the tensors, then of scratch memory if the plan needs some
  private final long workspaceBytes;
  private CudnnExecution execution;

  /**
   * @param tensors where each of the graph's tensors lies, by id
   */
  CudnnLaunch(CudaEngine engine, CudnnPlan plan, Map<Long, At> tensors, Scratch scratch) {
    this.engine = engine;
    this.plan = plan;
    ids = tensors.keySet().stream().mapToLong(Long::longValue).sorted().toArray();
    workspaceBytes = plan.workspaceBytes();
    List<At> all = new ArrayList<>();
    for (long id : ids) {
      all.add(tensors.get(id));
    }
    if (workspaceBytes > 0) {
      all.add(new At(scratch.reserve(workspaceBytes + WORKSPACE_ALIGNMENT), 0));
    }
    places = new Places(all.toArray(At[]::new));
  }

  @Override
  public void run() {
    if (places.haveMoved() || execution == null) {
      bind();
    }
    execution.execute(engine.cudnn());
  }

  private void bind() {
    close();
    Map<Long, DeviceMemory> memory = new HashMap<>();
    for (int i = 0; i < ids.length; i++) {
      DeviceMemory place = places.memory(i);
      if (place.address() % ALIGNMENT != 0) {
        throw new IllegalArgumentException(
            plan + ": found tensor " + ids[i] + " at 0x" + Long.toHexString(place.address()) + ", expected a multiple of "
                + ALIGNMENT);
      }
      memory.put(ids[i], place);
    }
    execution = new CudnnExecution(plan, memory, workspace());
  }

  private DeviceMemory workspace() {
    if (workspaceBytes == 0) {
      return new DeviceMemory(0, 0);
    }
    long start = places.memory(ids.length).address();
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
