package kiln.bench.kernel;

import java.util.concurrent.TimeUnit;
import kiln.model.backend.cpu.CpuBackend;
import kiln.model.backend.reference.ReferenceBackend;
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

/** One kernel, run again and again on the same memory. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 1, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 200, timeUnit = TimeUnit.MILLISECONDS)
public class KernelBenchmark {
  @Param public KernelCase kernel;

  @Param public KernelSide side;

  private Kernel work;

  /** Makes memory and kernel ready. */
  @Setup(Level.Trial)
  public void open() {
    work =
        switch (side) {
          case KILN -> new PlannedKernel(kernel.shape(), CpuBackend::new);
          case LIBRARY -> new LibraryKernel(kernel.shape());
          case REFERENCE -> new PlannedKernel(kernel.small(), ReferenceBackend::new);
        };
  }

  /** Runs it once. */
  @Benchmark
  public void run() {
    work.run();
  }

  /** Frees what it holds. */
  @TearDown(Level.Trial)
  public void close() {
    work.close();
  }
}
