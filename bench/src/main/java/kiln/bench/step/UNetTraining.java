package kiln.bench.step;

import kiln.model.layer.ParameterScope;
import kiln.model.network.ConfigReader;
import kiln.model.network.unet.UNet2dConditionConfig;
import kiln.model.network.unet.UNet2dConditionModel;
import kiln.model.optim.AdamW;
import kiln.model.optim.Ema;
import kiln.model.optim.GlobalNorm;
import kiln.model.plan.Backend;
import kiln.model.plan.LaunchInfo;
import kiln.model.plan.ParameterTable;
import kiln.model.plan.Plan;
import kiln.model.train.TrainingState;

/** A UNet that is trained: weights, gradients and what AdamW keeps, in the memory of a backend. Takes the backend over. */
public final class UNetTraining implements AutoCloseable {
  private static final double LEARNING_RATE = 1e-5;
  private static final Ema NO_AVERAGE = Ema.growing(0);

  /** AdamW reads weights, gradients and both moments, and writes all but the gradients. */
  private static final int ADAMW_PASSES = 7;

  private final Backend backend;
  private final UNet2dConditionModel unet;
  private final TrainingState state;
  private final AdamW optimizer = AdamW.standard();
  private long step;

  /**
   * @param c says the network and the types
   * @throws kiln.bindings.cuda.DeviceOutOfMemoryException if it does not fit a device
   */
  public UNetTraining(StepCase c, Backend backend) {
    this.backend = backend;
    unet = new UNet2dConditionModel(UNet2dConditionConfig.read(new ConfigReader("unet", c.unet())), new ParameterScope());
    ParameterTable table = new ParameterTable(unet.parameters());
    state = new TrainingState(table, false, c.computed(), null, backend); // PyTorch's side keeps no moving average either
    state.initialize(0);
  }

  UNet2dConditionModel unet() {
    return unet;
  }

  TrainingState state() {
    return state;
  }

  Backend backend() {
    return backend;
  }

  public long numParameters() {
    return state.table().numParameters();
  }

  /**
   * What a step computes.
   *
   * @param forwardFlops of its forward pass
   * @param stepFlops of all, without what is computed once more
   */
  public record Work(long forwardFlops, long stepFlops) {}

  public Work work(StepCase c) {
    return UNetStep.work(unet, c);
  }

  /** Clips the gradients by their norm, which the processor reads, and takes a step of AdamW, which may go on after this. */
  void update() {
    step(state.gradientNorm());
  }

  private void step(double norm) {
    optimizer.step(state.regions(), NO_AVERAGE, ++step, LEARNING_RATE, GlobalNorm.clipScale(norm, 1));
  }

  /** The same, and tells what takes how long. */
  void update(Plan.LaunchProfiler profiler) {
    long bytes = state.table().bytes();
    synchronize();
    long start = System.nanoTime();
    double norm = state.gradientNorm();
    long between = System.nanoTime();
    profiler.launched(new LaunchInfo("GlobalNorm", "", 0, bytes), start, between);
    step(norm);
    synchronize();
    long moved = ADAMW_PASSES * bytes + state.narrowWeights().byteSize();
    profiler.launched(new LaunchInfo("AdamW", "", 0, moved), between, System.nanoTime());
  }

  /** Waits for what steps have left under way. */
  public void synchronize() {
    state.memory().synchronize();
  }

  @Override
  public void close() {
    state.close();
    backend.close();
  }
}
