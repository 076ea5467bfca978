package kiln.bench.gpu.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import kiln.launcher.backend.BackendChoice;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kiln bench gpu-check}. */
@Command(
    name = "gpu-check",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Checks the CUDA backend on this machine's GPU: values, trainings, errors, and then its speed.",
      "",
      "Every check runs in a process of its own, with a limit of time for each case. Prints one table; writes it as check.json, and"
          + " a log of each check beside it. The exit status is 0 only if all checks passed.",
      "",
    })
public final class GpuCheckCommand implements Callable<Integer> {
  private static final int FAILED = 1;

  @Parameters(arity = "0..*", paramLabel = "CHECK", description = "Checks to run; see --list. Default: all.")
  private List<String> names = List.of();

  @Option(names = "--list", description = "Print the names of the checks, and run nothing.")
  private boolean list;

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      defaultValue = "cuda",
      description = "What to check; cpu is there to try the checks themselves out. Default: ${DEFAULT-VALUE}.")
  private String backend;

  @Option(names = "--device", paramLabel = "N", description = "Number of the GPU, from 0. Default: the first one.")
  private Integer device;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      defaultValue = "gpu-check",
      description = "For check.json and logs; made if absent. Default: ${DEFAULT-VALUE}.")
  private Path out;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (list) {
      Arrays.stream(Check.values()).forEach(check -> System.out.printf("%-20s  %s%n", check, check.title()));
      return 0;
    }
    List<Check> chosen = names.isEmpty() ? List.of(Check.values()) : names.stream().map(this::check).toList();
    BackendChoice.parse(backend, device, false);
    Files.createDirectories(out);
    CheckSettings settings = new CheckSettings(backend, device, out.toAbsolutePath());
    CheckReport report = new CheckReport(settings);
    for (Check check : chosen) {
      System.err.printf("%s: %s%n", check, check.title());
      report.add(run(check, settings));
      report.write(out.resolve("check.json")); // after each, so that an interrupted run leaves what it has
    }
    report.print(System.out);
    return report.passed() ? 0 : FAILED;
  }

  private static CheckResult run(Check check, CheckSettings settings) throws IOException, InterruptedException {
    long start = System.nanoTime();
    Path log = settings.out().resolve(check + ".log");
    Files.deleteIfExists(log);
    List<CheckCase> cases = check.cases(settings);
    CheckRun run = new CheckRun(first -> command(check, first, settings), cases.size(), check.limit(), log.toFile());
    List<CaseResult> results = run.run();
    CheckResult result = CheckResult.of(check, (System.nanoTime() - start) * 1e-9, results);
    System.err.printf(
        Locale.ROOT, "  %s in %.1f s: %s; %s%n", result.passed() ? "passed" : "FAILED", result.seconds(), result.counts(),
        result.worstLine());
    return result;
  }

  private static List<String> command(Check check, int first, CheckSettings settings) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of(check.name(), Integer.toString(first), settings.backend(), settings.out().toString()));
    if (settings.device() != null) {
      arguments.add(settings.device().toString());
    }
    return OtherProcess.java(CheckProcess.class, arguments.toArray(String[]::new));
  }

  private Check check(String name) {
    return Arrays.stream(Check.values())
        .filter(check -> check.toString().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(() -> {
          String known = Arrays.stream(Check.values()).map(Check::toString).collect(Collectors.joining(", "));
          return new ParameterException(spec.commandLine(), "CHECK: expected some of " + known + ", found " + name);
        });
  }
}
