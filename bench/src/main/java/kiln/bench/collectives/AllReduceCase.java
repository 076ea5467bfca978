package kiln.bench.collectives;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import kiln.collectives.Communicator;
import kiln.collectives.ElementType;
import kiln.collectives.Reduction;
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
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * All-reduces in place, by JMH in every rank: all do the same number of them, because a batch of JMH's single-shot mode is so
 * many calls whatever they take.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(0) // a rank cannot be forked
@Warmup(iterations = 0)
@Measurement(iterations = 1)
public class AllReduceCase {
  /** What this rank belongs to, by the transport's name; there before JMH runs. */
  static final Map<String, Communicator> COMMUNICATORS = new TreeMap<>();

  private static MemorySegment memory = MemorySegment.NULL;

  @Param("local")
  public String transport;

  @Param("F32")
  public ElementType type;

  @Param("8")
  public long bytes;

  private Communicator communicator;
  private MemorySegment data;
  private long count;

  /** Memory that has been written, once and for all sizes. */
  @Setup(Level.Trial)
  public void open() {
    if (memory.byteSize() < bytes) {
      memory = Arena.ofAuto().allocate(bytes, 4096).fill((byte) 0);
    }
    communicator = COMMUNICATORS.get(transport);
    data = memory.asSlice(0, bytes);
    count = bytes / type.bytes();
  }

  @Setup(Level.Iteration)
  public void beginTogether() {
    communicator.barrier();
  }

  @Benchmark
  public void allReduce() {
    communicator.allReduce(data, data, count, type, Reduction.SUM);
  }

  /** Seconds of one call on this rank, of {@code times} that all ranks do. */
  static double seconds(String transport, ElementType type, long bytes, int times) throws RunnerException {
    System.setProperty("jmh.ignoreLock", "true"); // other ranks run at the same time
    OptionsBuilder options = new OptionsBuilder();
    options.include("^" + AllReduceCase.class.getName() + "\\.allReduce$").verbosity(VerboseMode.SILENT);
    options.param("transport", transport).param("type", type.name()).param("bytes", Long.toString(bytes));
    options.measurementBatchSize(times).shouldFailOnError(true);
    RunResult result = new Runner(options.build()).runSingle();
    return result.getPrimaryResult().getScore() / 1e9 / times;
  }
}
