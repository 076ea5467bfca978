package kiln.model.train;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import kiln.model.graph.Value;
import kiln.model.pass.Remat;
import kiln.model.plan.Backend;
import kiln.model.plan.LaunchInfo;
import kiln.model.plan.ParameterTable;
import kiln.model.plan.Plan;
import kiln.model.plan.PlanBuilder;

/**
 * Forward and backward over the micro-batches of one optimizer step: afterwards the state's gradients are those of the mean
 * loss over all of them. Plans are made once per shape and number of micro-batches.
 *
 * <p>With one micro-batch, gradients are written where they belong; with more, each is added there as soon as it is known; or
 * each micro-batch writes its own and tells of them, if {@linkplain StepDivision#separately somebody else} adds them.
 */
public final class TrainingStep implements AutoCloseable {
  private record Key(BatchShape shape, int numMicroBatches) {}

  private record Compiled(Plan plan, Objective.Traced traced, Value loss, List<Integer> unused) {}

  private final Objective objective;
  private final TrainingState state;
  private final Backend backend;
  private final Remat remat;
  private final StepDivision division;
  private final Map<Key, Compiled> compiled = new HashMap<>();

  // What launches in the plans look at while a step runs.
  private GradientSink sink = GradientSink.NONE;
  private boolean telling;
  private MicroBatch ahead; // whose inputs are on their way; null if none are
  private Plan.LaunchProfiler profiler;

  /** A step that keeps all activations. */
  public TrainingStep(Objective objective, TrainingState state, Backend backend) {
    this(objective, state, backend, Remat.NONE);
  }

  /**
   * @param state of {@code objective.trained()}; it must outlive this object
   * @param remat how much of the forward pass is computed once more; the gradients are the same bits in any case
   */
  public TrainingStep(Objective objective, TrainingState state, Backend backend, Remat remat) {
    this(objective, state, backend, remat, StepDivision.NONE);
  }

  /** As {@link #TrainingStep(Objective, TrainingState, Backend, Remat)}, for a state of which others keep a part. */
  public TrainingStep(Objective objective, TrainingState state, Backend backend, Remat remat, StepDivision division) {
    this.division = division;
    this.objective = objective;
    this.state = state;
    this.backend = backend;
    this.remat = remat;
  }

  /**
   * Computes the gradients of step {@code state.step()}.
   *
   * @param microBatches of this rank, at least one
   * @param listener hears of every gradient once, during the last micro-batch; in each of them if they are separate
   * @return the mean loss over the micro-batches
   */
  public float run(List<MicroBatch> microBatches, GradientSink listener) {
    return run(microBatches, listener, () -> null);
  }

  /**
   * The same; sets out with inputs of the next step while a device computes this one.
   *
   * @param next the first micro-batch of step {@code state.step()} + 1, which will be given again with the others; null if it is
   *     not known yet
   */
  public float run(List<MicroBatch> microBatches, GradientSink listener, Supplier<MicroBatch> next) {
    int n = microBatches.size();
    long start = System.nanoTime();
    if (isSummed(n)) {
      state.memory().fill(state.gradients(), (byte) 0);
      tell("zero gradients", state.gradients().byteSize(), start);
    }
    sink = listener;
    float loss = 0;
    Compiled running = null;
    for (int i = 0; i < n; i++) {
      MicroBatch batch = microBatches.get(i);
      start = System.nanoTime();
      Compiled c = compile(batch.shape(), n);
      if (batch != ahead) {
        stage(c, state.step(), batch); // while a device still computes the micro-batch before it
      }
      ahead = null;
      tell("fill inputs", 0, start);
      loss += finish(running);
      telling = i == n - 1 || division.separately();
      if (telling) {
        c.unused.forEach(listener::gradientReady);
      }
      run(c.plan);
      running = c;
      if (division.separately()) {
        listener.microBatchEnded();
      }
    }
    ahead = state.memory().isHost() ? null : next.get();
    if (ahead != null) {
      stage(compile(ahead.shape(), n), state.step() + 1, ahead);
    }
    return loss + finish(running);
  }

  private static void stage(Compiled c, long step, MicroBatch batch) {
    c.traced.fill(c.plan, step, batch);
    c.plan.stage();
  }

  /** The loss of a plan that was started; 0 if there was none. */
  private static float finish(Compiled running) {
    if (running == null) {
      return 0;
    }
    running.plan.await();
    return running.plan.buffer(running.loss).segment().get(ValueLayout.JAVA_FLOAT, 0);
  }

  /** Whether the plans of a step of {@code n} micro-batches add their gradients to those that are there. */
  private boolean isSummed(int n) {
    return n > 1 && !division.separately();
  }

  private void tell(String what, long bytes, long start) {
    if (profiler != null) {
      profiler.launched(new LaunchInfo(what, "", 0, bytes), start, System.nanoTime());
    }
  }

  private void run(Plan plan) {
    if (profiler == null) {
      plan.start();
    } else {
      plan.run(profiler);
    }
  }

  /** Tells {@code listener} of every launch, and of what a step does before them, from now on; null to stop. */
  public void profile(Plan.LaunchProfiler listener) {
    profiler = listener;
  }

  /** Makes the plan for steps of {@code numMicroBatches} micro-batches of {@code shape}, if it is not there yet. */
  public void prepare(BatchShape shape, int numMicroBatches) {
    compile(shape, numMicroBatches);
  }

  /** Floating-point operations of one micro-batch, forward and backward (see {@link Plan#flops}). */
  public long flops(BatchShape shape, int numMicroBatches) {
    return compile(shape, numMicroBatches).plan.flops();
  }

  /** Bytes of the regions of all plans made so far. */
  public long planBytes() {
    return compiled.values().stream().mapToLong(c -> c.plan.bytes()).sum();
  }

  private Compiled compile(BatchShape shape, int numMicroBatches) {
    return compiled.computeIfAbsent(new Key(shape, numMicroBatches), this::compile);
  }

  private Compiled compile(Key key) {
    TrainingGraph traced = TrainingGraph.trace(objective, key.shape, key.numMicroBatches, remat);
    PlanBuilder builder = traced.builder(backend).tellEvery(division.tellEvery());
    state.bound().bind(traced.graph(), builder);
    objective.frozen().forEach(frozen -> frozen.bind(traced.graph(), builder));
    if (division.weights() != null) {
      builder.resident(state.table(), division.weights());
    }
    List<Integer> unused = new ArrayList<>();
    for (ParameterTable.Entry entry : state.table().entries()) {
      Value gradient = traced.gradients().get(entry.parameter());
      if (gradient == null) {
        unused.add(entry.index());
        continue;
      }
      if (isSummed(key.numMicroBatches)) {
        builder.accumulate(gradient, entry.slice(state.gradients()));
      } else {
        builder.bind(gradient, entry.slice(state.gradients()));
      }
      builder.after(gradient, () -> ready(entry.index()));
    }
    return new Compiled(builder.build(), traced.traced(), traced.loss(), unused);
  }

  private void ready(int parameterIndex) {
    if (telling) {
      sink.gradientReady(parameterIndex);
    }
  }

  @Override
  public void close() {
    compiled.values().forEach(c -> c.plan.close());
    compiled.clear();
  }
}
