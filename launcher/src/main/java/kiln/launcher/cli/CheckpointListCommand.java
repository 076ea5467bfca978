package kiln.launcher.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import kiln.launcher.checkpoint.CheckpointEntry;
import kiln.launcher.checkpoint.CheckpointEntry.State;
import kiln.launcher.checkpoint.RunFolder;
import kiln.launcher.checkpoint.TrainingRecord;
import kiln.launcher.parallel.ShardMode;
import kiln.launcher.parallel.Sharding;
import kiln.launcher.preset.PresetJson;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code kiln checkpoint ls}. */
@Command(
    name = "ls",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Lists the checkpoints of a run, and what is left of others.",
      "",
      "Sizes and the checksums of headers are compared, which is quick; verify reads all numbers. A star marks the one that the file"
          + " latest names. Training goes on from the newest that is sound."
    })
final class CheckpointListCommand implements Runnable {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");

  @Parameters(paramLabel = "RUN", description = "Folder of a run.")
  private Path path;

  @Option(names = "--json", description = "Print a JSON list instead.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    RunFolder run = new RunFolder(path);
    List<CheckpointEntry> entries = CheckpointEntry.all(run);
    Optional<Path> latest = run.pointed();
    if (json) {
      ArrayNode list = PresetJson.MAPPER.createArrayNode();
      entries.forEach(entry -> list.add(toJson(entry, isLatest(latest, entry))));
      out.println(PresetJson.MAPPER.writeValueAsString(list));
    } else {
      print(out, entries, latest);
    }
    out.flush();
  }

  private static boolean isLatest(Optional<Path> latest, CheckpointEntry entry) {
    return latest.isPresent() && latest.get().equals(entry.path());
  }

  private static void print(PrintWriter out, List<CheckpointEntry> entries, Optional<Path> latest) {
    TextTable table = new TextTable("checkpoint", "", "state", "bytes>", "files>", "ranks>", "sharded", "written");
    for (CheckpointEntry entry : entries) {
      table.add(
          entry.path().getFileName(),
          isLatest(latest, entry) ? "*" : "",
          entry.state(),
          entry.bytes(),
          entry.numFiles(),
          entry.record().<Object>map(TrainingRecord::ranks).orElse(""),
          entry.record().map(record -> sharding(record.sharding())).orElse(""),
          TIME.withZone(ZoneId.systemDefault()).format(entry.when()));
    }
    table.print(out);
    entries.stream()
        .filter(entry -> !entry.problem().isEmpty())
        .forEach(entry -> out.println(entry.path().getFileName() + " is " + entry.state() + ": " + entry.problem()));
    Optional<Path> newest =
        entries.stream().filter(e -> e.state() == State.VALID).reduce((_, last) -> last).map(CheckpointEntry::path);
    if (newest.isPresent() && !newest.equals(latest)) {
      String names = latest.map(l -> "latest names " + l.getFileName()).orElse("latest names none");
      out.println(names + "; the newest that is valid is " + newest.get().getFileName() + ", and training goes on from that");
    }
    if (entries.isEmpty()) {
      out.println("no checkpoints yet");
    }
  }

  /** As in {@code parameters}, {@code optimizer by 4}. */
  private static String sharding(Sharding sharding) {
    if (sharding.mode() == ShardMode.NONE) {
      return "";
    }
    return switch (sharding.group()) {
      case Sharding.ALL -> sharding.mode().toString();
      case Sharding.NODE -> sharding.mode() + " by node";
      default -> sharding.mode() + " by " + sharding.group();
    };
  }

  private static ObjectNode toJson(CheckpointEntry entry, boolean latest) {
    ObjectNode node = PresetJson.MAPPER.createObjectNode();
    node.put("name", entry.path().getFileName().toString()).put("path", entry.path().toString());
    node.put("step", entry.step()).put("state", entry.state().name().toLowerCase(Locale.ROOT));
    node.put("problem", entry.problem().isEmpty() ? null : entry.problem());
    node.put("latest", latest).put("bytes", entry.bytes()).put("files", entry.numFiles());
    node.put("written", Instant.ofEpochSecond(entry.when().getEpochSecond()).toString());
    entry.record().ifPresent(record -> {
      node.put("preset", record.preset().name()).put("samples_seen", record.samplesSeen()).put("ranks", record.ranks());
      node.set("sharding", PresetJson.MAPPER.valueToTree(record.sharding()));
    });
    return node;
  }
}
