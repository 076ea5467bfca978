package kiln.bench.gpu;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/**
 * Training steps of growing micro-batches on a GPU, in Kiln and then in PyTorch, as it is and compiled, each in a process of its
 * own that has the card for itself.
 */
final class GpuStepBenchmark {
  /** Of the time of a case, for Kiln; the rest is PyTorch's, whose compiler takes a minute and more for each size. */
  private static final double KILN_SHARE = 0.35;

  /** Of what is left then, for PyTorch as it is. */
  private static final double EAGER_SHARE = 0.35;

  private static final double NANO = 1e-9;

  private final GpuProcess process;
  private final String python;
  private final Path script;
  private final PrintStream out;

  /**
   * @param python interpreter whose PyTorch sees the GPU; null for Kiln alone
   * @param script gpu_peer.py; null without a peer
   */
  GpuStepBenchmark(GpuProcess process, String python, Path script, PrintStream out) {
    this.process = process;
    this.python = python;
    this.script = script;
    this.out = out;
  }

  /**
   * Measures a case, and prints its table.
   *
   * @param c whose budget is for all sides together
   */
  GpuReport run(String label, GpuCase c) throws IOException {
    long start = System.nanoTime();
    GpuSide kiln = process.kiln(python == null ? c : c.within(KILN_SHARE * c.budgetSeconds()));
    GpuSide eager = null;
    GpuSide compile = null;
    if (python != null) {
      double left = left(c, start);
      eager = process.peer("eager", python, script, c.within(EAGER_SHARE * left));
      // The best first: there may be time for few.
      List<Integer> worthwhile =
          (kiln.measured().isEmpty() ? eager : kiln)
              .measured().stream().map(GpuOutcome::microBatch).sorted(Comparator.reverseOrder()).toList();
      compile = process.peer("compile", python, script, c.within(left(c, start)).compiled(worthwhile));
    }
    GpuReport report = GpuReport.of(label, c, kiln, eager, compile);
    GpuTable table = new GpuTable(report);
    for (List<String> lines : List.of(table.heading(), table.table(), table.notes(), table.kernels())) {
      lines.forEach(out::println);
      out.println();
    }
    out.flush();
    return report;
  }

  private static double left(GpuCase c, long start) {
    return Math.max(0, c.budgetSeconds() - (System.nanoTime() - start) * NANO);
  }
}
