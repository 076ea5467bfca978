package kiln.launcher.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import kiln.bindings.UserException;
import kiln.data.queue.BatchReader;
import kiln.data.queue.Manifest;
import kiln.data.queue.Split;
import kiln.data.show.DatasetStatistics;
import kiln.data.show.SampleChoice;
import kiln.data.show.StatisticsReader;
import kiln.launcher.preset.PresetJson;
import kiln.launcher.show.Facts;
import kiln.launcher.show.PageWriter;
import kiln.launcher.show.ReportTable;
import kiln.launcher.show.Section;
import kiln.launcher.show.Sections;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kiln data show}. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    sortOptions = false,
    description = {
      "Says what a data set holds: buckets, padding, lengths, languages, scripts, copies, what was left out.",
      "",
      "Prints tables; with --html it writes one page instead, with pictures, captions and boxes, that needs no other file."
    })
final class ShowCommand implements Runnable {
  private static final int MOST_SAMPLES = 2_000;

  @Parameters(paramLabel = "DIR", description = "The data set.")
  private Path folder;

  @Option(names = "--split", paramLabel = "SPLIT", defaultValue = "train", description = "${COMPLETION-CANDIDATES}")
  private Split split;

  @Option(names = "--html", paramLabel = "FILE", description = "Write a page to look at in a browser.")
  private Path html;

  @Option(names = "--samples", paramLabel = "N", defaultValue = "36", description = "Samples on the page, of all buckets.")
  private int samples;

  @Option(names = "--seed", paramLabel = "N", defaultValue = "0", description = "Another one chooses other samples.")
  private long seed;

  @Option(
      names = "--picture-bytes",
      paramLabel = "BYTES",
      defaultValue = "16GB",
      description =
          "Read at most so much of the pixels to find equal pictures; of larger splits that is every second, third, … block.")
  private String pictureBytes;

  @Option(names = "--json", description = "Print one JSON object instead of tables.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    if (samples < 0 || samples > MOST_SAMPLES) {
      throw new UserException("--samples " + samples + ": expected 0 to " + MOST_SAMPLES);
    }
    long pixels = ByteSizes.parse(spec, "--picture-bytes", pictureBytes);
    PrintWriter out = spec.commandLine().getOut();
    try (BatchReader reader = BatchReader.open(folder, split)) {
      DatasetStatistics statistics = StatisticsReader.read(reader, split, pixels);
      Facts facts = new Facts(folder.toString(), reader.manifest(), statistics);
      if (html != null) {
        List<SampleChoice.Place> places = SampleChoice.choose(reader, samples, seed);
        PageWriter.write(html, facts, reader, places);
      }
      if (json) {
        out.println(PresetJson.MAPPER.writeValueAsString(object(facts)));
      } else if (html == null) {
        print(facts, out);
      } else {
        out.printf(Locale.ROOT, "%s: %d of %,d samples%n", html, Math.min(samples, statistics.samples()), statistics.samples());
      }
    }
    out.flush();
  }

  private static Map<String, Object> object(Facts facts) {
    Manifest manifest = facts.manifest();
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("folder", facts.folder());
    object.put("source", manifest.source());
    object.put("block_size", manifest.blockSize());
    object.put("splits", manifest.splits());
    object.put("statistics", facts.statistics());
    object.put("skipped", manifest.skipped());
    object.put("settings", manifest.settings());
    object.put("notes", manifest.notes());
    return object;
  }

  private static void print(Facts facts, PrintWriter out) {
    for (Section section : Sections.of(facts)) {
      out.println(section.title().toUpperCase(Locale.ROOT));
      for (Section.Titled titled : section.tables()) {
        if (!titled.title().isEmpty()) {
          out.println(titled.title() + ":");
        }
        print(titled.table(), out);
        out.println();
      }
    }
  }

  private static void print(ReportTable table, PrintWriter out) {
    TextTable text =
        new TextTable(
            table.columns().stream()
                .map(column -> column.kind() == ReportTable.Kind.TEXT ? column.heading() : column.heading() + ">")
                .toArray(String[]::new));
    for (List<Object> row : table.rows()) {
      Object[] cells = new Object[row.size()];
      for (int i = 0; i < cells.length; i++) {
        cells[i] = ReportTable.written(row.get(i), table.columns().get(i).kind());
      }
      text.add(cells);
    }
    text.print(out);
  }
}
