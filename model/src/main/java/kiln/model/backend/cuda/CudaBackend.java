package kiln.model.backend.cuda;

import java.util.List;
import kiln.bindings.cuda.CudaContext;
import kiln.bindings.cuda.CudaDevice;
import kiln.bindings.cuda.CudaStream;
import kiln.bindings.cuda.DeviceQueue;
import kiln.model.backend.InPlace;
import kiln.model.op.Op;
import kiln.model.optim.StateKernels;
import kiln.model.plan.Backend;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import kiln.model.plan.PlanRunner;
import kiln.model.plan.Program;
import kiln.model.plan.Scratch;

/**
 * An NVIDIA GPU: convolutions and fused attention on cuDNN, products on cuBLASLt, everything else in {@code native/cuda}. Tensors lie
 * in the device's memory; launches are queued in one stream, and replayed as CUDA graphs.
 */
public final class CudaBackend implements Backend {
  private final CudaEngine engine;
  private final CudaStream copies;
  private final CudaMemory memory;
  private final CudaOperations operations;
  private final CudaStateKernels stateKernels;
  private final boolean records;

  /**
   * @param device its number among those that the driver shows, from 0
   * @throws kiln.bindings.UserException if there is no driver, no such device, a library is missing or too old, or Kiln was built
   *     without CUDA kernels
   */
  public CudaBackend(int device) {
    this(new CudaEngine(device), true);
  }

  /**
   * @param engine closed with the backend
   * @param records whether plans become CUDA graphs
   */
  CudaBackend(CudaEngine engine, boolean records) {
    this.engine = engine;
    this.records = records;
    copies = new CudaStream();
    memory = new CudaMemory(engine.pool(), engine.stream());
    operations = new CudaOperations(engine);
    stateKernels = new CudaStateKernels(engine);
  }

  @Override
  public String name() {
    return "cuda";
  }

  public CudaDevice device() {
    return engine.device();
  }

  /** For those who bring other work in order with what this computes. */
  public DeviceQueue queue() {
    return new DeviceQueue(engine.context(), engine.stream(), engine.pool(), engine);
  }

  /**
   * Whether convolutions, attention and products of plans that are made from now on take the fastest of several ways, by trying
   * them once, instead of the one that the libraries hold to be the best. Every way gives the same bits at every run, but which one
   * is taken, and with it the last bits of results, may differ from process to process.
   */
  public void autotune(boolean on) {
    engine.autotune(on);
  }

  /** Bytes that regions have of the device's memory at most at once, so far, or since {@link #trim}. */
  public long peakBytes() {
    return engine.pool().peakBytes();
  }

  /** Bytes that the pool of regions has of the device's memory now. */
  public long reservedBytes() {
    return engine.pool().reservedBytes();
  }

  /** Bytes of the device's memory that some process has, this one's context and libraries among them. */
  public long usedBytes() {
    CudaContext.Memory memory = engine.context().memory();
    return memory.total() - memory.free();
  }

  /** Waits for all work, gives back to the device what no region has, and counts {@link #peakBytes} anew. */
  public void trim() {
    engine.context().synchronize();
    engine.pool().trim(0);
    engine.pool().resetPeak();
  }

  @Override
  public Launch prepare(Op op, List<Buffer> inputs, List<Buffer> outputs, Scratch scratch) {
    return operations.prepare(op, inputs, outputs, scratch);
  }

  @Override
  public boolean mayOverwrite(Op op, int input) {
    return InPlace.mayOverwrite(op, input);
  }

  @Override
  public CudaMemory memory() {
    return memory;
  }

  @Override
  public StateKernels stateKernels() {
    return stateKernels;
  }

  @Override
  public PlanRunner runner(Program program) {
    return new CudaRunner(engine, memory, copies, program, records);
  }

  @Override
  public void close() {
    engine.context().synchronize();
    stateKernels.close();
    memory.close();
    copies.close();
    engine.close();
  }
}
