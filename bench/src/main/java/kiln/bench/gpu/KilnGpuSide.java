package kiln.bench.gpu;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import kiln.bench.step.StepCase;
import kiln.bench.step.UNetStep;
import kiln.bench.step.UNetTraining;
import kiln.bindings.NativeException;
import kiln.bindings.UserException;
import kiln.bindings.cuda.CudaDevice;
import kiln.bindings.cuda.CudaLibraries;
import kiln.bindings.cuda.CudaLibrary;
import kiln.bindings.cuda.DeviceOutOfMemoryException;
import kiln.model.backend.cuda.CudaBackend;
import kiln.model.graph.DType;

/**
 * The process that takes training steps in Kiln on a GPU: prints a {@link GpuInfo}, then a {@link GpuOutcome} for each
 * micro-batch. Weights and what AdamW keeps of them stay on the device all the time; each micro-batch has a plan of its own.
 */
final class KilnGpuSide {
  /** This side cannot do the case, and has said why. */
  static final int CANNOT = 3;

  /** Launches are queued one by one the first time, recorded the second time, and replayed from then on. */
  private static final int WARM_UP = 3;

  private static final Set<CudaLibrary> USED = Set.of(CudaLibrary.DRIVER, CudaLibrary.CUBLASLT, CudaLibrary.CUDNN);
  private static final int MOST_STEPS = 200;

  /** How many times as long as the last micro-batch the next one may take: it is twice as large. */
  private static final double LONGER = 2;

  private static final double NANO = 1e-9;

  private final GpuCase c;
  private final PrintStream out;
  private final long start = System.nanoTime();

  KilnGpuSide(GpuCase c, PrintStream out) {
    this.c = c;
    this.out = out;
  }

  /** Arguments: the file of a {@link GpuCase}. */
  public static void main(String[] args) {
    try {
      new KilnGpuSide(GpuJson.LINES.readValue(Path.of(args[0]), GpuCase.class), System.out).run();
    } catch (UserException | IllegalArgumentException e) { // the second one: no kernel
      System.err.println(e.getMessage());
      System.exit(CANNOT);
    }
  }

  /**
   * Measures and prints.
   *
   * @throws UserException if there is no such device, or a library is missing
   */
  void run() {
    StepCase step = c.step();
    DevicePeaks peaks =
        DevicePeaks.measure(c.device(), step.computed() == DType.BF16, c.productSide(), c.copiedBytes());
    CudaBackend backend;
    UNetTraining training;
    try {
      backend = new CudaBackend(c.device());
      backend.autotune(c.autotune());
      training = new UNetTraining(step, backend);
    } catch (DeviceOutOfMemoryException e) {
      throw new UserException("the network and what AdamW keeps of it do not fit: " + e.getMessage(), e);
    }
    UNetTraining.Work ofOne = training.work(step.withBatch(1));
    print(new GpuInfo(
        describe(backend.device()), versions(), training.numParameters(), ofOne.forwardFlops(), ofOne.stepFlops(), peaks));
    boolean whole = measure(training, backend, peaks);
    if (whole) {
      training.close(); // else something is left of what did not fit, and goes with the process
    }
  }

  /** Whether everything fitted. */
  private boolean measure(UNetTraining training, CudaBackend backend, DevicePeaks peaks) {
    int smallestTooLarge = Integer.MAX_VALUE;
    double longest = 0;
    for (int n : c.microBatches()) {
      double begin = elapsed();
      if (n > smallestTooLarge) {
        continue;
      }
      if (longest > 0 && begin + LONGER * longest > c.budgetSeconds()) {
        print(GpuOutcome.refused(n, outOfTime(begin, longest)));
        return smallestTooLarge == Integer.MAX_VALUE;
      }
      try {
        print(measure(training, backend, peaks, n));
      } catch (DeviceOutOfMemoryException | NativeException | ArithmeticException e) {
        print(GpuOutcome.refused(n, doesNotFit(e)));
        smallestTooLarge = n;
      }
      longest = Math.max(longest, elapsed() - begin);
    }
    return smallestTooLarge == Integer.MAX_VALUE;
  }

  private GpuOutcome measure(UNetTraining training, CudaBackend backend, DevicePeaks peaks, int n) {
    double begin = elapsed();
    backend.trim();
    try (UNetStep step = new UNetStep(c.step().withBatch(n), training)) {
      step.run();
      training.synchronize();
      double first = elapsed() - begin;
      for (int i = 1; i < WARM_UP; i++) {
        step.run();
      }
      List<Double> seconds = time(step);
      KernelProfile profile = new KernelProfile(peaks);
      step.profile(profile);
      if (!Float.isFinite(step.loss())) {
        throw new IllegalStateException("the loss of a step of " + n + " is " + step.loss());
      }
      return new GpuOutcome(
          n, first, seconds, backend.peakBytes(), backend.reservedBytes(), backend.usedBytes(), profile.seconds(),
          profile.numLaunches(), c.profile() ? profile.rows() : null, null);
    }
  }

  /** From the end of one step to that of the next: the end of a step is when AdamW has been queued. */
  private List<Double> time(UNetStep step) {
    step.run();
    List<Double> seconds = new ArrayList<>();
    double begin = elapsed();
    double last = begin;
    while (seconds.size() < c.leastSteps() || (last - begin < c.secondsEach() && seconds.size() < MOST_STEPS)) {
      step.run();
      double now = elapsed();
      seconds.add(now - last);
      last = now;
    }
    return seconds;
  }

  private String outOfTime(double begin, double longest) {
    return String.format(
        Locale.ROOT, "no time: %.0f s of %.0f are left, and the one before took %.0f", c.budgetSeconds() - begin,
        c.budgetSeconds(), longest);
  }

  /** Why in one line, if memory is the reason; else throws. */
  private static String doesNotFit(RuntimeException e) {
    boolean memory =
        !(e instanceof NativeException failure) || failure.text().matches("(?is).*(out.of.memory|alloc).*");
    if (!memory) {
      throw e;
    }
    return "does not fit: " + e.getMessage();
  }

  private static String versions() {
    return CudaLibraries.reports().stream()
        .filter(report -> USED.contains(report.library()))
        .flatMap(report -> report.version().map(version -> ", " + report.library().stem() + " " + version).stream())
        .collect(Collectors.joining("", "Java " + Runtime.version().feature(), ""));
  }

  private static String describe(CudaDevice device) {
    return String.format(
        Locale.ROOT, "%s (%s, %.1f GiB, %d multiprocessors)", device.name(), device.architecture(),
        device.memoryBytes() / (double) (1L << 30), device.numMultiprocessors());
  }

  private void print(Object line) {
    out.println(GpuJson.LINES.writeValueAsString(line));
    out.flush();
  }

  private double elapsed() {
    return (System.nanoTime() - start) * NANO;
  }
}
