package kiln.bench;

import java.util.Collection;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import kiln.bindings.NativeLibraries;
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

/**
 * How near Kiln's own kernels come to the speed of memory. The main method prints a table in GB/s, of the fastest run because
 * others may use the machine; OMP_NUM_THREADS sets the threads, and arguments select cases by name.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
public class BandwidthBenchmark {
  @Param public BandwidthCase kernel;

  private CasePlan plan;

  /** Fills the inputs with normal values, whatever they mean to the operation. */
  @Setup(Level.Trial)
  public void open() {
    plan = new CasePlan(kernel::trace, Random::nextGaussian);
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
    var options = new OptionsBuilder().include(BandwidthBenchmark.class.getName());
    options.jvmArgsAppend("--enable-native-access=ALL-UNNAMED");
    if (names.length > 0) {
      options.param("kernel", names);
    }
    Collection<RunResult> results = new Runner(options.build()).run();
    System.out.printf("%n%d thread(s)%n", NativeLibraries.numThreads());
    System.out.printf("%-26s %12s %12s%n", "kernel", "fastest us", "fastest GB/s");
    for (RunResult result : results) {
      BandwidthCase kernel = BandwidthCase.valueOf(result.getParams().getParam("kernel"));
      double fastest = result.getPrimaryResult().getStatistics().getMin();
      System.out.printf("%-26s %12.1f %12.1f%n", kernel, fastest / 1e3, kernel.bytes() / fastest);
    }
  }
}
