package kiln.bench.gpu.check;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kiln.bench.kernel.KernelSpeed;

/** How fast it is; there is no bound, so only what does not run at all fails. */
final class SpeedCases {
  private SpeedCases() {}

  static List<CheckCase> kernels(CheckSettings settings) {
    if (settings.isCuda()) {
      return List.of(CheckCase.of("kiln bench kernels", (given, _) -> bench("kernels", List.of(given.options()), given)));
    }
    return KernelSpeed.small().stream()
        .map(speed -> CheckCase.of(
            speed.name(), (_, backend) -> Findings.facts(List.of(new Findings.Fact(speed.name(), speed.measure(backend.get()))))))
        .toList();
  }

  /** Beside PyTorch on the same card where the Python of the PATH has it. */
  static List<CheckCase> step(CheckSettings settings) {
    List<String> options = new ArrayList<>();
    if (settings.isCuda()) {
      String json = settings.out().resolve("step.json").toString();
      options.addAll(List.of(settings.options()));
      options.addAll(List.of("--peer", "python3", "--profile", "--json", json));
    } else {
      options.addAll(List.of("--preset", "tiny", "--rounds", "1"));
    }
    return List.of(CheckCase.of("kiln bench step", (given, _) -> bench("step", options, given)));
  }

  /** The rows of the tables that a benchmark prints; all its lines go into a file. */
  private static Findings bench(String name, List<String> options, CheckSettings settings) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(name));
    command.addAll(options);
    OtherProcess.Outcome said = OtherProcess.bench(command).requireWell("kiln bench " + name);
    Path file = settings.out().resolve("bench-" + name + ".txt");
    Files.write(file, said.lines(), StandardCharsets.UTF_8);
    List<Findings.Fact> facts = new ArrayList<>();
    said.lines().stream().filter(line -> line.startsWith("|")).forEach(row -> facts.add(new Findings.Fact("", row)));
    facts.add(new Findings.Fact("", "all lines: " + file));
    return Findings.facts(facts);
  }
}
