package kiln.bench.scaling;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import kiln.bindings.ReduceKernels;
import kiln.bindings.UserException;
import kiln.launcher.parallel.GradientOptions;
import kiln.launcher.parallel.WireType;
import kiln.launcher.preset.Preset;
import kiln.launcher.preset.PresetCatalog;
import kiln.model.backend.cpu.CpuBackend;
import kiln.model.graph.DType;
import kiln.model.plan.Backend;
import kiln.model.plan.PlanOutline;
import kiln.model.train.BatchShape;
import kiln.model.train.TrainingGraph;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/** {@code kiln bench scaling}. */
@Command(
    name = "scaling",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    showDefaultValues = true,
    description = {
      "Weak and strong scaling of a training step, ranks of one thread each, with gradients travelling beside backward and"
          + " after it; and what a model that is calibrated on that says of the full-size UNet on 8 to 4096 ranks.",
      "",
      "Weak: every rank computes one sample a step. Strong: all ranks together compute as many as there are ranks at most."
          + " bench/SCALING.md has the model's formulas. Nothing else should run beside it.",
      ""
    })
public final class ScalingCommand implements Callable<Integer> {
  private static final int TOKENS = 128;
  private static final long REDUCED_BYTES = 32 << 20;
  private static final double TERA = 1e12;
  private static final String MPIRUN = "mpirun --bind-to none";

  @Option(names = "--preset", paramLabel = "NAME", defaultValue = "sd21-half", description = "Its UNet is measured.")
  private String preset;

  @Option(names = "--size", paramLabel = "N", defaultValue = "64", description = "Extent of the latents.")
  private int side;

  @Option(names = "--ranks", paramLabel = "N", split = ",", defaultValue = "1,2,4", description = "Numbers of ranks, 1 too.")
  private List<Integer> ranks;

  @Option(names = "--scaling", paramLabel = "KIND", split = ",", defaultValue = "weak,strong", description = "weak, strong.")
  private List<String> kinds;

  @Option(names = "--transport", paramLabel = "NAME", split = ",", defaultValue = "local", description = "local, mpi.")
  private List<String> transports;

  @Option(
      names = "--mpirun",
      paramLabel = "COMMAND",
      defaultValue = MPIRUN,
      description = "What starts ranks of transport mpi, as in 'bench/netns.sh run --host h1,h2'.")
  private String mpirun;

  @Option(names = "--wire", paramLabel = "TYPE", defaultValue = "float32", description = "float32 or bf16.")
  private String wire;

  @Option(names = "--bucket-size", paramLabel = "BYTES", description = "As for training; measured if not given.")
  private Long bucketBytes;

  @Option(names = "--steps", paramLabel = "N", defaultValue = "3", description = "Timed steps, after two that are not.")
  private int steps;

  @Option(names = "--predict", paramLabel = "NAME", defaultValue = "sd21-byt5-base", description = "Preset to predict for.")
  private String large;

  @Option(
      names = "--rank-tflops",
      paramLabel = "X",
      defaultValue = "100",
      description = "Predict for ranks of that speed too (an accelerator's), 8 samples a step each.")
  private double tflops;

  @Option(
      names = "--plot",
      paramLabel = "FILE",
      description = "Draw the predictions (PNG); a second file, …-fast, is for --rank-tflops.")
  private Path plot;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    check();
    PrintStream out = System.out;
    int cores = Runtime.getRuntime().availableProcessors();
    List<Point> points = measure();
    Calibration calibration = Calibration.of(points, cores, mpirun.equals(MPIRUN));
    calibration.print(points, out);
    predict(calibration.alone(), out);
    return 0;
  }

  private void check() {
    boolean one = ranks.contains(1) && ranks.stream().allMatch(n -> n >= 1);
    require(one, "--ranks: expected 1 among numbers from 1, found " + ranks);
    require(List.of("weak", "strong").containsAll(kinds), "--scaling: expected weak or strong, found " + kinds);
    require(List.of("local", "mpi").containsAll(transports), "--transport: expected local or mpi, found " + transports);
    require(List.of("float32", "bf16").contains(wire), "--wire: expected float32 or bf16, found " + wire);
    require(side >= 8 && side % 8 == 0, "--size: expected a multiple of 8, found " + side);
    require(steps >= 1, "--steps: expected at least 1, found " + steps);
    require(tflops > 0, "--rank-tflops: expected a positive number, found " + tflops);
    if (transports.contains(ScalingRank.MPI) && !RankProcesses.hasMpi()) {
      throw new UserException("option --transport: mpi needs mpirun and its Java bindings (./kiln setup mpi), found none");
    }
  }

  private void require(boolean holds, String line) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), "option " + line);
    }
  }

  private static ObjectNode unet(String name) {
    Preset found = PresetCatalog.get(name);
    if (found.unet() == null) {
      throw new UserException("preset " + name + ": expected one with a UNet");
    }
    return found.unet();
  }

  private List<Point> measure() throws IOException {
    List<Point> points = new ArrayList<>();
    int most = ranks.stream().mapToInt(Integer::intValue).max().orElse(1);
    points.add(point("local", true, 1, 1, true));
    for (String transport : transports) {
      for (String kind : kinds) {
        for (int n : ranks) {
          boolean weak = kind.equals("weak");
          int microBatches = weak ? 1 : most / n;
          if (n == 1 && (weak || !transport.equals("local"))) {
            continue; // has been measured, or is no matter of transport
          }
          if (weak || n < most) { // else the same as weak
            for (boolean overlaps : n == 1 ? new boolean[] {true} : new boolean[] {false, true}) {
              points.add(point(transport, weak, n, microBatches, overlaps));
            }
          }
        }
      }
    }
    return points;
  }

  private Point point(String transport, boolean weak, int n, int microBatches, boolean overlaps) throws IOException {
    WireType type = wire.equals("bf16") ? WireType.BF16 : WireType.FLOAT32;
    GradientOptions gradients = new GradientOptions(bucketBytes, type, overlaps);
    ScalingCase c = new ScalingCase(unet(preset), "float32", side, TOKENS, microBatches, steps, gradients);
    StepTimes times = RankProcesses.run(c, transport, n, List.of(mpirun.strip().split("\\s+")));
    System.err.printf(
        Locale.ROOT,
        "%s, %s, %d ranks, %d micro-batches, overlap %s: %.3f s%n",
        transport, weak ? "weak" : "strong", n, microBatches, overlaps ? "on" : "off", times.step());
    return new Point(transport, weak, n, microBatches, overlaps, times);
  }

  /** The large UNet, as slow as it is on this machine's cores, and on ranks of another speed. */
  private void predict(StepModel one, PrintStream out) throws IOException {
    double flops = flops(unet(preset));
    double largeFlops = flops(unet(large));
    long parameterBytes = new UNetObjective(unet(large), DType.F32)
        .trained().stream().mapToLong(p -> p.shape().elements() * Float.BYTES).sum();
    double bytesFactor = (double) parameterBytes / one.totalBytes();
    double reduce = reduceSeconds();
    StepModel slow = one.scaled(largeFlops / flops, bytesFactor).enlarged(bytesFactor);
    Prediction here = new Prediction(large + ", ranks as fast as a core here, 1 sample a step", slow, reduce);
    here.print(out);
    int samples = 8;
    double seconds = samples * largeFlops / (tflops * TERA);
    double update = one.updating() * bytesFactor * seconds / (one.computing() * samples * largeFlops / flops);
    StepModel fast = slow.scaled(seconds / slow.computing(), update / slow.updating());
    String speed = String.format(Locale.ROOT, "%s, ranks of %.0f TFLOP/s, %d samples a step", large, tflops, samples);
    Prediction elsewhere = new Prediction(speed, fast, 0);
    elsewhere.print(out);
    if (plot != null) {
      here.draw(plot);
      String name = plot.getFileName().toString();
      elsewhere.draw(plot.resolveSibling(name.replaceFirst("(\\.png)?$", "-fast.png")));
    }
  }

  /** Of forward and backward of a sample. */
  private double flops(ObjectNode unet) {
    try (Backend backend = new CpuBackend()) {
      UNetObjective objective = new UNetObjective(unet, DType.F32);
      PlanOutline outline =
          TrainingGraph.trace(objective, new BatchShape(1, side, side, TOKENS), 1).outline(backend, 1);
      return outline.flops();
    }
  }

  /** γ: seconds that the kernel takes to add a byte of float32 in memory to another. */
  private static double reduceSeconds() {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment a = arena.allocate(REDUCED_BYTES, 64);
      MemorySegment b = arena.allocate(REDUCED_BYTES, 64);
      MemorySegment sources = arena.allocateFrom(ValueLayout.JAVA_LONG, a.address(), b.address());
      double best = Double.MAX_VALUE;
      for (int i = 0; i < 5; i++) {
        long start = System.nanoTime();
        ReduceKernels.reduceF32(sources, 2, a, REDUCED_BYTES / Float.BYTES, ReduceKernels.SUM);
        best = Math.min(best, (System.nanoTime() - start) * 1e-9);
      }
      return best / REDUCED_BYTES;
    }
  }
}
