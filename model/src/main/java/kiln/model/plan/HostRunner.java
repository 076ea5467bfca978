package kiln.model.plan;

/** A loop over an array, in the thread that starts a run: it has ended when that returns. */
final class HostRunner implements PlanRunner {
  private final Launch[] launches;
  private final LaunchInfo[] infos;

  HostRunner(Program program) {
    launches = program.launches().toArray(Launch[]::new);
    infos = program.infos().toArray(LaunchInfo[]::new);
  }

  @Override
  public void start(int first) {
    for (int i = first; i < launches.length; i++) {
      launches[i].run();
    }
  }

  @Override
  public void await() {}

  @Override
  public void run(int first, Plan.LaunchProfiler profiler) {
    for (int i = first; i < launches.length; i++) {
      long begin = System.nanoTime();
      launches[i].run();
      profiler.launched(infos[i], begin, System.nanoTime());
    }
  }

  @Override
  public void close() {}
}
