package kiln.bench.gpu;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import kiln.bench.step.NamedCase;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which backend {@code kiln bench step} measures, and what else can be said of steps on a GPU. */
public final class GpuOptions {
  private static final String CPU = "cpu";
  private static final String CUDA = "cuda";
  private static final double DEFAULT_MINUTES = 8;
  private static final int SECONDS_PER_MINUTE = 60;
  private static final int DOUBLINGS = 10; // 1 to 1024

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      defaultValue = CPU,
      description = {
        "cpu, or cuda: training steps on an NVIDIA GPU (full-64-bf16 if no CASE is given), with micro-batches of 1, 2, 4, …"
            + " until one does not fit, beside PyTorch (--peer) as it is and with torch.compile. Default: ${DEFAULT-VALUE}."
      })
  private String backend;

  @Option(
      names = "--device",
      paramLabel = "N",
      description = "With --backend cuda: number of the GPU, of those that CUDA_VISIBLE_DEVICES leaves. Default: 0.")
  private Integer device;

  @Option(
      names = "--no-autotune",
      description = "With --backend cuda: do not let both sides try several kernels and take the fastest (kiln train --autotune,"
          + " PyTorch's cudnn.benchmark).")
  private boolean estimated;

  @Option(
      names = "--micro-batches",
      split = ",",
      paramLabel = "N",
      description = "With --backend cuda: measure these. Default: 1, 2, 4, … to as many as fit.")
  private List<Integer> microBatches = List.of();

  @Option(
      names = "--minutes",
      paramLabel = "M",
      description = "With --backend cuda: about how long a case may take, all sides together; what there is no time for is"
          + " said and left out. Default: 8.")
  private Double minutes;

  @Option(names = "--json", paramLabel = "FILE", description = "With --backend cuda: write all that was measured there too.")
  private Path json;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /**
   * Whether a GPU is to be measured.
   *
   * @throws ParameterException if options do not fit each other
   */
  public boolean isCuda() {
    if (!backend.equals(CPU) && !backend.equals(CUDA)) {
      throw mistake("option --backend: expected cpu or cuda, found " + backend);
    }
    boolean cuda = backend.equals(CUDA);
    for (Map.Entry<String, Boolean> given : Map.of(
        "--device", device != null, "--no-autotune", estimated, "--micro-batches", !microBatches.isEmpty(), "--minutes", minutes != null,
        "--json", json != null).entrySet()) {
      if (!cuda && given.getValue()) {
        throw mistake("option " + given.getKey() + ": expected --backend cuda beside it, found " + backend);
      }
    }
    return cuda;
  }

  private ParameterException mistake(String line) {
    return new ParameterException(spec.commandLine(), line);
  }

  /**
   * Measures training steps and prints their tables.
   *
   * @param python that has PyTorch; null without
   * @param profile whether to print Kiln's kernels too
   * @return whether Kiln has measured something of each
   */
  public boolean run(List<NamedCase> cases, String python, boolean profile, PrintStream out) throws IOException {
    check(cases);
    return run(cases.stream().collect(labelled(profile)), python, out);
  }

  private Collector<NamedCase, ?, Map<String, GpuCase>> labelled(boolean profile) {
    return Collectors.toMap(
        NamedCase::label,
        each -> GpuCase.of(each.make(), !estimated, device(), batches(), seconds(), profile),
        (a, b) -> a,
        LinkedHashMap::new);
  }

  /** As the other, of cases by their labels. */
  boolean run(Map<String, GpuCase> cases, String python, PrintStream out) throws IOException {
    String usable = python;
    if (python != null) {
      String problem = PeerPython.problem(python);
      if (problem != null) {
        out.println("PyTorch is left out: option --peer: expected a Python whose PyTorch sees the GPU, " + problem);
        usable = null;
      }
    }
    if (usable == null) {
      return run(cases, new GpuStepBenchmark(new GpuProcess(Map.of()), null, null, out));
    }
    Path folder = Files.createTempDirectory("kiln-peer-");
    try {
      return run(cases, new GpuStepBenchmark(new GpuProcess(Map.of()), usable, PeerPython.write(folder), out));
    } finally {
      PeerPython.delete(folder);
    }
  }

  private boolean run(Map<String, GpuCase> cases, GpuStepBenchmark benchmark) throws IOException {
    List<GpuReport> reports = new ArrayList<>();
    for (Map.Entry<String, GpuCase> each : cases.entrySet()) {
      reports.add(benchmark.run(each.getKey(), each.getValue()));
      if (json != null) {
        GpuJson.FILE.writeValue(json, new Written(reports)); // what is there if a later case takes too long for somebody
      }
    }
    return reports.stream().noneMatch(report -> report.kiln().measured().isEmpty());
  }

  /** As it is in the file. */
  record Written(List<GpuReport> cases) {}

  private void check(List<NamedCase> cases) {
    cases.stream().filter(c -> !c.isStep()).findFirst().ifPresent(c -> {
      throw mistake("CASE: expected training steps with --backend cuda, found " + c.label());
    });
    if (device() < 0) {
      throw mistake("option --device: expected at least 0, found " + device);
    }
    if (!(seconds() > 0)) {
      throw mistake("option --minutes: expected more than 0, found " + minutes);
    }
    if (batches().stream().anyMatch(n -> n < 1)) {
      throw mistake("option --micro-batches: expected at least 1, found " + microBatches);
    }
  }

  private int device() {
    return device == null ? 0 : device;
  }

  private double seconds() {
    return (minutes == null ? DEFAULT_MINUTES : minutes) * SECONDS_PER_MINUTE;
  }

  private List<Integer> batches() {
    return microBatches.isEmpty()
        ? IntStream.rangeClosed(0, DOUBLINGS).mapToObj(i -> 1 << i).toList()
        : microBatches;
  }
}
