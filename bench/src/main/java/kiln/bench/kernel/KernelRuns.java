package kiln.bench.kernel;

import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs of JMH, apart from the command, which must be known where there is no JMH. */
final class KernelRuns {
  private static final double NANO = 1e-9;

  private KernelRuns() {}

  static void measure(List<KernelCase> chosen, KernelSide side, KernelTable table) throws RunnerException {
    String[] names =
        chosen.stream()
            .filter(c -> side != KernelSide.LIBRARY || LibraryKernel.has(c.shape()))
            .map(KernelCase::name)
            .toArray(String[]::new);
    if (names.length == 0) {
      return;
    }
    System.err.printf("%s: %d kernels%n", side.name().toLowerCase(Locale.ROOT), names.length);
    var options =
        new OptionsBuilder()
            .include(KernelBenchmark.class.getName())
            .jvmArgsAppend("--enable-native-access=ALL-UNNAMED")
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT)
            .param("kernel", names)
            .param("side", side.name())
            .build();
    for (RunResult result : new Runner(options).run()) {
      KernelCase kernel = KernelCase.valueOf(result.getParams().getParam("kernel"));
      table.add(kernel, side, result.getPrimaryResult().getStatistics().getMin() * NANO);
    }
  }
}
