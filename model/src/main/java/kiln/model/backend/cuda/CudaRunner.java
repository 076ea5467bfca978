package kiln.model.backend.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kiln.bindings.cuda.CudaEvent;
import kiln.bindings.cuda.CudaStream;
import kiln.model.plan.Launch;
import kiln.model.plan.Plan;
import kiln.model.plan.PlanRunner;
import kiln.model.plan.Program;

/** Queues a plan's launches on a device, from its third run on as graphs. */
final class CudaRunner implements PlanRunner {
  private static final double NANOS_PER_MILLISECOND = 1e6;

  /** Events with nothing between them, which tell what an event takes. */
  private static final int EMPTY = 16;

  private final CudaEngine engine;
  private final CudaStream stream;
  private final Program program;
  private final PlanStaging staging;
  private final List<Stretch> stretches = new ArrayList<>();
  private int numSteady; // stretches of steady launches, the first ones
  private boolean told;

  /**
   * @param records whether stretches of launches become graphs
   */
  CudaRunner(CudaEngine engine, CudaMemory memory, CudaStream copies, Program program, boolean records) {
    this.engine = engine;
    this.stream = engine.stream();
    this.program = program;
    this.staging = new PlanStaging(memory, stream, copies, program.inputs(), program.outputs());
    int from = 0;
    for (int to : program.stops()) {
      List<Launch> kernels = new ArrayList<>();
      List<Launch> onHost = new ArrayList<>();
      for (int i = from; i < to; i++) {
        (program.infos().get(i).onHost() ? onHost : kernels).add(program.launches().get(i));
      }
      stretches.add(new Stretch(stream, kernels, onHost, records));
      numSteady += to <= program.steadyLaunches() ? 1 : 0;
      from = to;
    }
  }

  @Override
  public void stage(boolean anew) {
    staging.stage(anew);
  }

  @Override
  public void start(boolean anew) {
    staging.deliver(anew);
    for (int i = anew ? 0 : numSteady; i < stretches.size(); i++) {
      Stretch stretch = stretches.get(i);
      stretch.run();
      if (stretch.refusal() != null && !told) {
        told = true;
        System.err.println("kiln: cuda: launches go one by one instead of as a graph: " + stretch.refusal());
      }
    }
    staging.collect();
  }

  @Override
  public void await() {
    staging.await();
    engine.checkIndices();
  }

  /**
   * Launch by launch, between events, less what an event takes itself. What was queued before goes on meanwhile, so that whoever wants
   * to know what kernels take, and not how fast they are queued, starts a run of the plan first.
   */
  @Override
  public void run(boolean anew, Plan.LaunchProfiler profiler) {
    staging.deliver(anew);
    int first = anew ? 0 : program.steadyLaunches();
    int count = program.launches().size() - first;
    List<CudaEvent> events = Stream.generate(CudaEvent::forTime).limit(count + 1L + EMPTY).toList();
    events.getFirst().record(stream);
    for (int i = 0; i < count; i++) {
      program.launches().get(first + i).run();
      events.get(i + 1).record(stream);
    }
    for (int i = count + 1; i < events.size(); i++) {
      events.get(i).record(stream);
    }
    staging.collect();
    await();
    long[] at = new long[events.size()];
    for (int i = 1; i < at.length; i++) {
      at[i] = at[i - 1] + nanos(events.get(i - 1), events.get(i));
    }
    events.forEach(CudaEvent::close);
    long ofAnEvent = IntStream.range(count + 1, at.length).mapToLong(i -> at[i] - at[i - 1]).min().orElse(0);
    long begin = System.nanoTime() - at[at.length - 1];
    for (int i = 0; i < count; i++) {
      long end = begin + at[i + 1];
      profiler.launched(program.infos().get(first + i), Math.min(end, begin + at[i] + ofAnEvent), end);
    }
  }

  private static long nanos(CudaEvent from, CudaEvent to) {
    return (long) (to.millisecondsSince(from) * NANOS_PER_MILLISECOND);
  }

  @Override
  public void close() {
    staging.close();
    stretches.forEach(Stretch::close);
  }
}
