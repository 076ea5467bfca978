package kiln.model.plan;

/** A loop over an array, in the thread that starts a run: it has ended when that returns. */
final class HostRunner implements PlanRunner {
  private final Launch[] launches;
  private final LaunchInfo[] infos;
  private final int steadyLaunches;

  HostRunner(Program program) {
    launches = program.launches().toArray(Launch[]::new);
    infos = program.infos().toArray(LaunchInfo[]::new);
    steadyLaunches = program.steadyLaunches();
  }

  @Override
  public void stage(boolean anew) {}

  @Override
  public void start(boolean anew) {
    for (int i = anew ? 0 : steadyLaunches; i < launches.length; i++) {
      launches[i].run();
    }
  }

  @Override
  public void await() {}

  @Override
  public void run(boolean anew, Plan.LaunchProfiler profiler) {
    for (int i = anew ? 0 : steadyLaunches; i < launches.length; i++) {
      long begin = System.nanoTime();
      launches[i].run();
      profiler.launched(infos[i], begin, System.nanoTime());
    }
  }

  @Override
  public void close() {}
}
