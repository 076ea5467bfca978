package kiln.launcher.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import kiln.launcher.folder.ComponentReport;
import kiln.launcher.folder.Inspection;
import kiln.launcher.folder.ModelFolder;
import kiln.launcher.preset.PresetJson;
import kiln.model.weights.SafetensorsType;
import kiln.model.weights.TensorEntry;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kiln inspect}. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Says what a model is made of: classes, parameters, tensors, types, bytes, files; and whether weights and config fit.",
      "",
      "Only headers are read. One component's, or one file's, tensors are listed too."
    })
final class InspectCommand implements Runnable {
  @Parameters(
      paramLabel = "PATH",
      description =
          "A run or checkpoint of Kiln, a folder of diffusers or transformers, one of their components, a safetensors file,"
              + " or the index of several.")
  private Path path;

  @Option(names = "--tensors", description = "List the tensors of every component: name, type, shape, bytes.")
  private boolean tensors;

  @Option(names = "--json", description = "Print one JSON object instead.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    Inspection inspection = Inspection.of(ModelFolder.open(path));
    boolean listed = tensors || inspection.components().size() == 1;
    if (json) {
      out.println(PresetJson.MAPPER.writeValueAsString(inspection.toJson(listed)));
    } else {
      print(out, inspection, listed);
    }
    out.flush();
  }

  private static void print(PrintWriter out, Inspection inspection, boolean listed) {
    out.println(inspection.folder().path() + ": " + inspection.description());
    out.println();
    TextTable table = new TextTable("component", "class", "parameters>", "tensors>", "dtype", "bytes>", "files");
    for (ComponentReport report : inspection.components()) {
      boolean weightless = report.files().isEmpty();
      table.add(
          report.component().name(),
          report.component().className(),
          report.parameters() == 0 ? "" : report.parameters(),
          weightless ? "" : report.tensors().size(),
          types(report.types()),
          weightless ? "" : report.bytes(),
          files(inspection, report));
    }
    table.print(out);
    out.println();
    for (ComponentReport report : inspection.components()) {
      String name = report.component().name();
      report.problem().ifPresent(problem -> out.println(name + " cannot be used: " + problem));
      if (report.problem().isEmpty() && report.component().kind().isNetwork()) {
        out.println(name + ": config and weights fit");
      }
      if (inspection.components().size() == 1) {
        report.metadata().forEach((key, value) -> out.println(name + ": metadata " + key + ": " + value));
      }
    }
    if (listed) {
      inspection.components().stream().filter(r -> !r.tensors().isEmpty()).forEach(r -> printTensors(out, r));
    }
  }

  private static void printTensors(PrintWriter out, ComponentReport report) {
    out.println();
    boolean several = report.files().size() > 1;
    TextTable table = new TextTable(report.component().name(), "dtype", "shape", "bytes>", several ? "file" : "");
    for (ComponentReport.Tensor tensor : report.tensors()) {
      TensorEntry entry = tensor.entry();
      String file = several ? holders(tensor.files()) : "";
      table.add(entry.name(), entry.type(), entry.dims(), entry.bytes(), file);
    }
    table.print(out);
  }

  /** One file, or the first of those that divide a tensor and how many more there are. */
  private static String holders(List<Path> files) {
    String first = files.getFirst().getFileName().toString();
    return files.size() == 1 ? first : first + " and " + (files.size() - 1) + " more";
  }

  /** {@code F32}, or {@code F32 684, I64 2} for several. */
  private static String types(Map<SafetensorsType, Integer> types) {
    return types.size() == 1
        ? types.keySet().iterator().next().name()
        : types.entrySet().stream().map(e -> e.getKey() + " " + e.getValue()).collect(Collectors.joining(", "));
  }

  private static String files(Inspection inspection, ComponentReport report) {
    List<Path> weights = report.component().weights();
    if (weights.isEmpty()) {
      return report.component().config().map(inspection::relative).orElse("");
    }
    String names = weights.stream().map(inspection::relative).collect(Collectors.joining(", "));
    return report.files().size() > weights.size() ? names + " (" + report.files().size() + " files)" : names;
  }
}
