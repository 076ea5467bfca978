package kiln.launcher.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import kiln.bindings.UserException;
import kiln.launcher.checkpoint.RunFolder;
import kiln.launcher.compare.CheckpointDifference;
import kiln.launcher.compare.DifferenceJson;
import kiln.launcher.compare.SetDifference;
import kiln.launcher.compare.TensorDifference;
import kiln.launcher.preset.PresetJson;
import kiln.launcher.ranks.ExitStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kiln checkpoint diff}. */
@Command(
    name = "diff",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Compares two checkpoints, whatever number of ranks wrote them and however these divided the tensors.",
      "",
      "Tensors are equal if every bit is. Exit status 0: the checkpoints are equal; 1: they differ; 2: they cannot be compared. The"
          + " number of ranks, what they divided, versions and the time it took are told, and make no difference."
    })
final class CheckpointDiffCommand implements Callable<Integer> {
  private static final int DIFFERENT = 1;
  private static final int TROUBLE = 2;

  /** Tensors of a set that are listed unless all are asked for. */
  private static final int FEW = 10;

  @Parameters(index = "0", paramLabel = "A", description = "A checkpoint, or a run, for its newest.")
  private Path a;

  @Parameters(index = "1", paramLabel = "B", description = "Another one.")
  private Path b;

  @Option(names = "--tensors", description = "List all tensors that differ, not only the ten of each network that differ most.")
  private boolean all;

  @Option(names = "--json", description = "Print one JSON object instead, with all tensors that differ.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try {
      CheckpointDifference found = CheckpointDifference.of(RunFolder.resolve("A", a), RunFolder.resolve("B", b));
      if (json) {
        out.println(PresetJson.MAPPER.writeValueAsString(DifferenceJson.of(found)));
      } else {
        print(out, found);
      }
      out.flush();
      return found.isEqual() ? ExitStatus.OK : DIFFERENT;
    } catch (UserException e) {
      ErrorLines.execution(e, spec.commandLine(), null);
      return TROUBLE;
    }
  }

  private void print(PrintWriter out, CheckpointDifference found) {
    out.println("A: " + found.a());
    out.println("B: " + found.b());
    found.circumstances().forEach(value -> out.println("made otherwise: " + value));
    found.values().forEach((file, values) -> values.forEach(value -> out.println(file + ": " + value)));
    found.onlyInA().forEach(name -> out.println("only in A: " + name));
    found.onlyInB().forEach(name -> out.println("only in B: " + name));
    out.println();
    TextTable table =
        new TextTable("tensors of", "equal>", "different>", "only A>", "only B>", "shape>", "elements>", "of>", "max abs>", "max rel>");
    for (SetDifference set : found.sets()) {
      TensorDifference total = set.total();
      table.add(
          set.name(), set.equal(), set.different().size(), set.onlyInA().size(), set.onlyInB().size(), set.otherShapes().size(),
          total.different(), total.elements(), number(total.maxAbsolute()), number(total.maxRelative()));
    }
    table.print(out);
    found.sets().stream().filter(set -> !set.isEqual()).forEach(set -> print(out, set));
    out.println();
    out.println(found.isEqual() ? "equal, bit for bit" : "different");
  }

  private void print(PrintWriter out, SetDifference set) {
    out.println();
    out.println(set.name() + ":");
    set.onlyInA().forEach(tensor -> out.println("  " + tensor + ": only in A"));
    set.onlyInB().forEach(tensor -> out.println("  " + tensor + ": only in B"));
    set.otherShapes().forEach((tensor, pair) -> out.println("  " + tensor + ": " + String.join(" → ", pair)));
    List<Map.Entry<String, TensorDifference>> worst =
        set.different().entrySet().stream()
            .sorted(Comparator.comparingDouble((Map.Entry<String, TensorDifference> e) -> -e.getValue().maxAbsolute()))
            .toList();
    for (Map.Entry<String, TensorDifference> entry : worst.subList(0, all ? worst.size() : Math.min(FEW, worst.size()))) {
      TensorDifference of = entry.getValue();
      String format = "  %s: %,d of %,d elements, max abs %s, max rel %s%s";
      String odd = of.notComparable() == 0 ? "" : String.format(Locale.ROOT, ", %,d not finite", of.notComparable());
      String line =
          String.format(
              Locale.ROOT, format, entry.getKey(), of.different(), of.elements(), number(of.maxAbsolute()),
              number(of.maxRelative()), odd);
      out.println(line);
    }
    if (!all && worst.size() > FEW) {
      out.println("  … and " + (worst.size() - FEW) + " more; --tensors lists them");
    }
  }

  private static String number(double value) {
    return value == 0 ? "0" : String.format(Locale.ROOT, "%.3g", value);
  }
}
