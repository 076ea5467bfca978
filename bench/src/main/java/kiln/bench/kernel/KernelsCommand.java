package kiln.bench.kernel;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import kiln.bench.gpu.DevicePeaks;
import kiln.bindings.NativeLibraries;
import kiln.bindings.Onednn;
import kiln.bindings.UserException;
import kiln.bindings.cuda.DeviceOutOfMemoryException;
import kiln.model.backend.cpu.PeakRates;
import kiln.model.backend.cuda.CudaBackend;
import kiln.model.graph.DType;
import kiln.model.plan.Backend;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kiln bench kernels}. */
@Command(
    name = "kernels",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Single kernels with JMH: Kiln's, oneDNN's primitive without Kiln, and Kiln's reference.",
      "",
      "Prints times, GFLOP/s of what multiplies and GB/s of what memory bounds, the share of the machine's peak, which is"
          + " measured first, and ratios of times. Nothing else should run beside it."
    })
public final class KernelsCommand implements Callable<Integer> {
  private static final double NANO = 1e-9;
  private static final String JMH = "org/openjdk/jmh/runner/Runner.class";
  private static final int GPU_RUNS = 10;

  @Parameters(arity = "0..*", paramLabel = "CASE", description = "Kernels to measure; see --list. Default: a selection.")
  private List<String> cases = List.of();

  @Option(names = "--all", description = "Measure all kernels: five minutes.")
  private boolean all;

  @Option(names = "--list", description = "Print the names of the cases and their inputs, and measure nothing.")
  private boolean list;

  @Option(
      names = "--sides",
      split = ",",
      paramLabel = "SIDE",
      description = "Who computes: kiln, library, reference. Default: all three.")
  private List<String> sides = List.of();

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      defaultValue = "cpu",
      description = "cpu, or cuda: operations of Stable Diffusion 2's UNet on an NVIDIA GPU, Kiln's alone. Default:"
          + " ${DEFAULT-VALUE}.")
  private String backend;

  @Option(
      names = "--device",
      paramLabel = "N",
      description = "With --backend cuda: number of the GPU, of those that CUDA_VISIBLE_DEVICES leaves. Default: 0.")
  private Integer device;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    if (backend.equals("cuda")) {
      return onGpu();
    }
    if (!backend.equals("cpu")) {
      throw new ParameterException(spec.commandLine(), "option --backend: expected cpu or cuda, found " + backend);
    }
    if (device != null) {
      throw new ParameterException(spec.commandLine(), "option --device: expected --backend cuda beside it, found " + backend);
    }
    if (list) {
      Arrays.stream(KernelCase.values()).forEach(c -> System.out.printf("%-26s %s%n", c, c.shape()));
      return 0;
    }
    if (KernelsCommand.class.getClassLoader().getResource(JMH) == null) {
      throw new UserException("kernels: expected JMH on the class path, found none: a bundle leaves it out");
    }
    List<KernelCase> chosen = chosen().stream().filter(KernelsCommand::canRun).toList();
    List<KernelSide> wanted = sides.isEmpty() ? List.of(KernelSide.values()) : sides.stream().map(this::side).toList();
    double bf16 = Onednn.multipliesBf16() ? PeakRates.product(DType.BF16) : 0;
    KernelTable.Peaks peaks = new KernelTable.Peaks(PeakRates.product(DType.F32), bf16, PeakRates.copy());
    KernelTable table = new KernelTable(peaks);
    for (KernelSide side : wanted) {
      KernelRuns.measure(chosen, side, table);
    }
    System.out.printf(
        Locale.ROOT,
        "oneDNN %s, %s, %d thread(s); peaks: %.0f GFLOP/s float32, %.0f bfloat16, a copy %.1f GB/s%n%n",
        Onednn.version(), Onednn.cpuIsa(), NativeLibraries.numThreads(), peaks.f32() * NANO, peaks.bf16() * NANO,
        peaks.bytes() * NANO);
    table.lines().forEach(System.out::println);
    return 0;
  }

  private int onGpu() {
    if (list) {
      Arrays.stream(GpuKernelCase.values()).forEach(c -> System.out.printf("%-26s %s%n", c, c.shape()));
      return 0;
    }
    if (!sides.isEmpty()) {
      throw new ParameterException(spec.commandLine(), "option --sides: expected none with --backend cuda, found " + sides);
    }
    List<GpuKernelCase> chosen =
        cases.isEmpty() ? List.of(GpuKernelCase.values()) : cases.stream().map(this::gpuKernel).toList();
    int index = device == null ? 0 : device;
    DevicePeaks peaks = DevicePeaks.measure(index, true, DevicePeaks.PRODUCT_SIDE, DevicePeaks.COPIED_BYTES);
    GpuKernelTable table = new GpuKernelTable(peaks);
    try (CudaBackend cuda = new CudaBackend(index)) {
      for (GpuKernelCase each : chosen) {
        measure(each.name(), each.shape(), cuda, table);
        cuda.trim();
      }
      System.out.println(cuda.device().name() + " (" + cuda.device().architecture() + ")");
    }
    table.lines().forEach(System.out::println);
    return 0;
  }

  static void measure(String name, KernelShape shape, Backend cuda, GpuKernelTable table) {
    try (GpuKernel kernel = new GpuKernel(shape, cuda)) {
      table.add(name, shape, kernel.seconds(GPU_RUNS));
    } catch (DeviceOutOfMemoryException e) {
      table.addRefused(name, shape, "does not fit");
    }
  }

  private GpuKernelCase gpuKernel(String name) {
    return Arrays.stream(GpuKernelCase.values())
        .filter(c -> c.name().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(() -> new ParameterException(
            spec.commandLine(), "CASE: expected one of kiln bench kernels --backend cuda --list, found " + name));
  }

  /** Says it if the processor does not multiply what the case multiplies. */
  private static boolean canRun(KernelCase kernel) {
    boolean can = kernel.shape().type() != DType.BF16 || Onednn.multipliesBf16();
    if (!can) {
      System.err.println(kernel + ": left out, the processor does not multiply bfloat16 numbers");
    }
    return can;
  }

  private List<KernelCase> chosen() {
    if (all && !cases.isEmpty()) {
      throw new ParameterException(spec.commandLine(), "option --all: expected no CASE beside it, found " + cases);
    }
    if (all) {
      return List.of(KernelCase.values());
    }
    return cases.isEmpty() ? KernelCase.usual() : cases.stream().map(this::kernel).toList();
  }

  private KernelCase kernel(String name) {
    return Arrays.stream(KernelCase.values())
        .filter(c -> c.name().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(
            () -> new ParameterException(spec.commandLine(), "CASE: expected one of kiln bench kernels --list, found " + name));
  }

  private KernelSide side(String name) {
    return Arrays.stream(KernelSide.values())
        .filter(s -> s.name().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(
            () -> {
              String known =
                  Arrays.stream(KernelSide.values()).map(s -> s.name().toLowerCase(Locale.ROOT)).collect(Collectors.joining(", "));
              return new ParameterException(spec.commandLine(), "option --sides: expected some of " + known + ", found " + name);
            });
  }
}
