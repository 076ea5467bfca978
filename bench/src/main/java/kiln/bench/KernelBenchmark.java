package kiln.bench;

import java.util.Collection;
import java.util.concurrent.TimeUnit;
import kiln.bindings.NativeLibraries;
import kiln.bindings.Onednn;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.util.Statistics;

/**
 * How fast the CPU backend's products and convolutions are. The main method prints a table in GFLOP/s, of the fastest run
 * because others may use the machine; OMP_NUM_THREADS sets the threads, and arguments select cases by name.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class KernelBenchmark {
  @Param public KernelCase kernel;

  private CasePlan plan;

  /** Fills the inputs with uniform values in [-0.5, 0.5). */
  @Setup(Level.Trial)
  public void open() {
    plan = new CasePlan(kernel::trace, random -> random.nextFloat() - 0.5f);
  }

  @Benchmark
  public void run() {
    plan.run();
  }

  @TearDown(Level.Trial)
  public void close() {
    plan.close();
  }

  public static void main(String[] names) throws RunnerException {
    var options = new OptionsBuilder().include(KernelBenchmark.class.getName());
    options.jvmArgsAppend("--enable-native-access=ALL-UNNAMED");
    if (names.length > 0) {
      options.param("kernel", names);
    }
    Collection<RunResult> results = new Runner(options.build()).run();
    System.out.printf(
        "%noneDNN %s, %s, %d thread(s)%n", Onednn.version(), Onednn.cpuIsa(), NativeLibraries.numThreads());
    System.out.printf("%-26s %12s %12s %16s%n", "kernel", "median us", "fastest us", "fastest GFLOP/s");
    for (RunResult result : results) {
      KernelCase kernel = KernelCase.valueOf(result.getParams().getParam("kernel"));
      Statistics times = result.getPrimaryResult().getStatistics();
      double fastest = times.getMin();
      double median = times.getPercentile(50);
      System.out.printf(
          "%-26s %12.1f %12.1f %16.1f%n", kernel, median / 1e3, fastest / 1e3, kernel.flops() / fastest);
    }
  }
}
