package kiln.bench.step;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kiln.bench.gpu.GpuOptions;
import kiln.bindings.UserException;
import kiln.model.pass.Remat;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kiln bench step}. */
@Command(
    name = "step",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Whole training steps and drawings, in Kiln and in PyTorch by turns.",
      "",
      "Prints medians, spread, ratio, peak memory of both, and the share of the machine's peak product rate, which is"
          + " measured in the same run. Nothing else should run beside it. Networks are random; both sides must have as many"
          + " parameters and FLOPs.",
      "",
      "Cases:",
      "  full-f32, full-bf16    training step of sd21-byt5-base's UNet, latents 32x32,",
      "                         batch 1, 128 tokens",
      "  half-f32, half-bf16    the same of sd21-half's UNet, latents 64x64",
      "  t5                     ByT5-base's encoder, 8 captions of 128 bytes",
      "  vae-encode             the encoder of sd21-vae, 256x256 pixels",
      "  text-to-image          sd21-half, 256x256 pixels: 20 steps of guided DDIM,",
      "                         and the decoder",
      "  full-64-bf16           training step of sd21-byt5-base's UNet, latents 64x64, in",
      "                         17 GB; only if named, and best without --peer; what",
      "                         --backend cuda measures if no CASE is given",
      ""
    })
public final class StepCommand implements Callable<Integer> {
  private static final int CANNOT = 1;
  private static final int ROUNDS = 3;

  @Parameters(arity = "0..*", paramLabel = "CASE", description = "What to measure; all cases if nothing is given.")
  private List<String> cases = List.of();

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      description = "The training step of this preset's UNet on latents of its sample_size, in both types, after the CASEs.")
  private String preset;

  @Option(
      names = "--peer",
      paramLabel = "PYTHON",
      description = "Interpreter that has torch (with CUDA for --backend cuda); without it, Kiln is measured alone.")
  private String python;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Processes of each side, by turns; each times three runs (one drawing) after one that is not timed."
          + " Default: 3. Not with --backend cuda.")
  private Integer rounds;

  @Option(
      names = "--remat",
      split = ",",
      paramLabel = "WHAT",
      description = "What Kiln's training steps compute once more: none, blocks or full. Several, as in none,blocks, are measured"
          + " one after the other; the peer keeps everything. Default: none.")
  private List<String> remat = List.of();

  @Option(names = "--profile", description = "Print the slowest kinds of launches and layers of Kiln's side too.")
  private boolean profile;

  @Mixin private GpuOptions gpu;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    boolean onGpu = gpu.isCuda();
    List<NamedCase> chosen = chosen(onGpu ? List.of(NamedCase.GPU) : NamedCase.ALL);
    PrintStream out = System.out;
    if (onGpu) {
      if (rounds != null) {
        throw new ParameterException(spec.commandLine(), "option --rounds: expected none with --backend cuda, found " + rounds);
      }
      Machine.describe(null).forEach(out::println);
      out.println();
      return gpu.run(chosen, python, profile, out) ? 0 : CANNOT;
    }
    int turns = rounds == null ? ROUNDS : rounds;
    if (turns < 1) {
      throw new ParameterException(spec.commandLine(), "option --rounds: expected at least 1, found " + rounds);
    }
    Machine.describe(python).forEach(out::println);
    out.println();
    StepBenchmark benchmark = new StepBenchmark(new SideProcess(python, python == null ? null : script()), turns, profile, out);
    List<String> rows = new ArrayList<>();
    for (NamedCase each : chosen) {
      benchmark.run(each).ifPresent(rows::add);
    }
    if (!rows.isEmpty()) {
      out.println();
      out.println(StepBenchmark.heading());
      rows.forEach(out::println);
    }
    return rows.size() == chosen.size() ? 0 : CANNOT;
  }

  /**
   * @param usual what is measured if nobody names cases
   */
  private List<NamedCase> chosen(List<NamedCase> usual) {
    List<NamedCase> chosen = new ArrayList<>();
    for (String label : cases) {
      chosen.add(NamedCase.find(label).orElseThrow(() -> new ParameterException(spec.commandLine(), unknown(label))));
    }
    if (preset != null) {
      chosen.addAll(NamedCase.ofPreset(preset));
    }
    return rematerialised(chosen.isEmpty() ? usual : chosen);
  }

  /** Every training step as often as --remat says. */
  private List<NamedCase> rematerialised(List<NamedCase> chosen) {
    if (remat.isEmpty()) {
      return chosen;
    }
    if (chosen.stream().noneMatch(NamedCase::isStep)) {
      throw new ParameterException(spec.commandLine(), "option --remat: expected a training step among the cases, found none");
    }
    List<Remat> wanted = remat.stream().map(this::remat).toList();
    return chosen.stream().flatMap(c -> c.isStep() ? wanted.stream().map(c::with) : Stream.of(c)).toList();
  }

  private Remat remat(String name) {
    return Arrays.stream(Remat.values())
        .filter(known -> known.toString().equals(name))
        .findFirst()
        .orElseThrow(
            () -> new ParameterException(spec.commandLine(), "option --remat: expected none, blocks or full, found " + name));
  }

  private static String unknown(String label) {
    String known = NamedCase.ALL.stream().map(NamedCase::label).collect(Collectors.joining(", "));
    return "CASE: expected one of " + known + ", found " + label;
  }

  /** The peer's file in the checkout that the classes were built in. */
  private static Path script() {
    try {
      Path classes = Path.of(StepCommand.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      Path script = classes.resolve("../../peers/peer.py").normalize();
      if (!Files.isRegularFile(script)) {
        throw new UserException("option --peer: expected " + script + " in Kiln's checkout, found no file");
      }
      return script;
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
