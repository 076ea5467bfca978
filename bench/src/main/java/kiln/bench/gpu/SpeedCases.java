package kiln.bench.gpu;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kiln.bench.kernel.KernelSpeed;

/** How fast it is; there is no bound, so only what does not run at all fails. */
final class SpeedCases {
  private SpeedCases() {}

  static List<CheckCase> kernels(CheckSettings settings) {
    return KernelSpeed.of(settings.isCuda()).stream()
        .map(speed -> CheckCase.of(
            speed.name(), (_, backend) -> Findings.facts(List.of(new Findings.Fact(speed.name(), speed.measure(backend.get()))))))
        .toList();
  }

  /** Without a peer: PyTorch is not there on a bare machine. */
  static List<CheckCase> step(CheckSettings settings) {
    return List.of(CheckCase.of("kiln bench step", (given, _) -> step(given, given.out().resolve("speed-step.txt"))));
  }

  private static Findings step(CheckSettings settings, Path file) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("step"));
    if (settings.isCuda()) {
      command.addAll(Arrays.asList(settings.options()));
    } else {
      command.addAll(List.of("--preset", "tiny", "--rounds", "1"));
    }
    OtherProcess.Outcome said = OtherProcess.bench(command).requireWell("kiln bench step");
    Files.write(file, said.lines(), StandardCharsets.UTF_8);
    List<Findings.Fact> facts = new ArrayList<>();
    said.lines().stream().filter(line -> line.startsWith("|")).forEach(row -> facts.add(new Findings.Fact("", row)));
    facts.add(new Findings.Fact("", "all lines: " + file));
    return Findings.facts(facts);
  }
}
