package kiln.model.backend.cuda;

import java.util.ArrayList;
import java.util.List;
import kiln.bindings.cuda.CudaEvent;
import kiln.bindings.cuda.CudaStream;
import kiln.model.plan.Launch;
import kiln.model.plan.Plan;
import kiln.model.plan.PlanRunner;
import kiln.model.plan.Program;

/** Queues a plan's launches on a device, from its third run on as graphs. */
final class CudaRunner implements PlanRunner {
  private static final double NANOS_PER_MILLISECOND = 1e6;

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
        (program.onHost().get(i) ? onHost : kernels).add(program.launches().get(i));
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

  /** Launch by launch, between events. */
  @Override
  public void run(boolean anew, Plan.LaunchProfiler profiler) {
    staging.deliver(anew);
    int first = anew ? 0 : program.steadyLaunches();
    List<CudaEvent> events = new ArrayList<>();
    stream.synchronize();
    long begin = System.nanoTime();
    events.add(mark());
    for (int i = first; i < program.launches().size(); i++) {
      program.launches().get(i).run();
      events.add(mark());
    }
    staging.collect();
    await();
    for (int i = first; i < program.launches().size(); i++) {
      long start = begin + nanos(events.getFirst(), events.get(i - first));
      long end = begin + nanos(events.getFirst(), events.get(i - first + 1));
      profiler.launched(program.infos().get(i), start, end);
    }
    events.forEach(CudaEvent::close);
  }

  private CudaEvent mark() {
    CudaEvent event = CudaEvent.forTime();
    event.record(stream);
    return event;
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
