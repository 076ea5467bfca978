package kiln.launcher.cli;

import java.io.PrintWriter;
import java.util.List;
import kiln.launcher.preset.Preset;
import kiln.launcher.preset.PresetCatalog;
import kiln.launcher.preset.PresetJson;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kiln presets}: what {@code --preset} can name. */
@Command(
    name = "presets",
    mixinStandardHelpOptions = true,
    description = "Lists the presets, or shows all values of one (those that --set can replace).")
final class PresetsCommand implements Runnable {
  @Parameters(arity = "0..1", paramLabel = "NAME", description = "The preset to show.")
  private String name;

  @Option(names = "--set", paramLabel = "KEY=VALUE", description = "As in train: a value to replace; may be repeated.")
  private List<String> settings = List.of();

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    if (name == null) {
      for (String each : PresetCatalog.names()) {
        Preset preset = PresetCatalog.get(each);
        out.printf("%-16s %s%n", each, preset.description());
      }
    } else {
      out.println(PresetJson.MAPPER.writeValueAsString(PresetCatalog.get(name, settings)));
    }
    out.flush();
  }
}
