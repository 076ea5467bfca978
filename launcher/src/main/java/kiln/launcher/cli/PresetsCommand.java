package kiln.launcher.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import kiln.launcher.preset.Near;
import kiln.launcher.preset.NetworkCatalog;
import kiln.launcher.preset.PresetCatalog;
import kiln.launcher.preset.PresetJson;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kiln presets}: what {@code --preset} can name. */
@Command(
    name = "presets",
    mixinStandardHelpOptions = true,
    description = {
      "Lists the presets that train takes, and the published networks that Kiln can build.",
      "",
      "With a name: all values of a preset (those that --set can replace), or the config.json of a network."
    })
final class PresetsCommand implements Runnable {
  @Parameters(arity = "0..1", paramLabel = "NAME", description = "The preset or network to show.")
  private String name;

  @Option(names = "--set", paramLabel = "KEY=VALUE", description = "As in train: a value to replace; may be repeated.")
  private List<String> settings = List.of();

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    if (name == null && !settings.isEmpty()) {
      throw new ParameterException(spec.commandLine(), "option --set: expected a preset's name with it, found none");
    }
    if (name == null) {
      list(out);
    } else {
      out.println(PresetJson.MAPPER.writeValueAsString(shown()));
    }
    out.flush();
  }

  private Object shown() {
    Optional<NetworkCatalog.Network> network = NetworkCatalog.find(name);
    if (network.isPresent() && !PresetCatalog.names().contains(name)) {
      if (!settings.isEmpty()) {
        throw new ParameterException(spec.commandLine(), "option --set: expected a preset to change, found network " + name);
      }
      return network.get().config();
    }
    if (!PresetCatalog.names().contains(name)) {
      List<String> known = Stream.concat(PresetCatalog.names().stream(), NetworkCatalog.names().stream()).toList();
      throw new ParameterException(spec.commandLine(), "NAME: unknown preset or network " + name + Near.hint(name, known));
    }
    return PresetCatalog.get(name, settings);
  }

  private static void list(PrintWriter out) {
    TextTable presets = new TextTable("preset", "what it trains");
    PresetCatalog.names().forEach(each -> presets.add(each, PresetCatalog.get(each).description()));
    presets.print(out);
    out.println();
    TextTable networks = new TextTable("network", "class", "parameters>", "tensors>", "origin");
    for (String each : NetworkCatalog.names()) {
      NetworkCatalog.Network network = NetworkCatalog.find(each).orElseThrow();
      networks.add(each, network.className(), network.numParameters(), network.parameters().size(), network.origin());
    }
    networks.print(out);
  }
}
