package kiln.launcher.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kiln.bindings.UserException;
import kiln.data.download.UrlListSource;
import kiln.data.input.Inputs;
import kiln.data.input.Locations;
import kiln.data.parquet.TableFiles;
import kiln.data.parquet.UrlTable;
import kiln.data.parquet.UrlTableOptions;
import kiln.data.url.UrlSource;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tables of URLs, their columns, and which of their rows are used. */
final class UrlTableMixin {
  private static final String PARQUET = ".parquet";

  @Parameters(
      arity = "1..*",
      paramLabel = "TABLE",
      description =
          "Parquet files (.parquet), or lists: JSON lines (.jsonl), a table with a header (.csv, .tsv), a URL a line (.txt), each"
              + " also as .gz. Paths, folders of these, http(s)://… or s3://bucket/key; {000..699}, {a,b} and, in paths, * stand"
              + " for many.")
  private List<String> files;

  @Option(
      names = "--laion",
      description =
          "LAION's columns URL, TEXT and hash, and its filters: pwatermark below 0.6, punsafe below 1.0; rows that do not say"
              + " these are left out. The options below replace single ones.")
  private boolean laion;

  @Option(names = "--url-column", paramLabel = "NAME", description = "Column of the URLs, url if not given.")
  private String urlColumn;

  @Option(names = "--caption-column", paramLabel = "NAME", description = "Column of the captions, text if not given.")
  private String captionColumn;

  @Option(names = "--no-captions", description = "The tables have no captions.")
  private boolean noCaptions;

  @Option(
      names = "--limit",
      paramLabel = "COLUMN=NUMBER",
      split = ",",
      description = "Leave out rows whose column is not below the number, and those that do not say; may be repeated.")
  private Map<String, Double> limits = new LinkedHashMap<>();

  /**
   * @param inputs stays open for as long as the tables are read
   */
  List<UrlSource> tables(Inputs inputs) {
    UrlTableOptions options = options();
    List<String> endings = new ArrayList<>(List.of(PARQUET));
    endings.addAll(UrlListSource.endings());
    List<UrlSource> tables = new ArrayList<>();
    List<String> parquet = new ArrayList<>();
    for (String location : Locations.expand(files, endings)) {
      if (location.endsWith(PARQUET)) {
        parquet.add(location);
      } else {
        if (!UrlListSource.reads(location)) {
          throw new UserException(location + ": expected a name that ends in one of " + String.join(" ", endings));
        }
        addParquet(parquet, inputs, options, tables);
        tables.add(new UrlListSource(inputs.of(location), options));
      }
    }
    addParquet(parquet, inputs, options, tables);
    return tables;
  }

  /** Files that follow each other are one table. */
  private static void addParquet(List<String> parquet, Inputs inputs, UrlTableOptions options, List<UrlSource> tables) {
    if (!parquet.isEmpty()) {
      tables.add(new UrlTable(TableFiles.of(parquet, inputs), options));
      parquet.clear();
    }
  }

  private UrlTableOptions options() {
    if (noCaptions && captionColumn != null) {
      throw new UserException("option --no-captions: expected without --caption-column " + captionColumn);
    }
    UrlTableOptions base =
        laion
            ? UrlTableOptions.laion()
            : new UrlTableOptions("url", Optional.of("text"), Optional.empty(), UrlTableOptions.ALL, List.of());
    Map<String, Double> below = new LinkedHashMap<>();
    base.limits().forEach(limit -> below.put(limit.column(), limit.below()));
    below.putAll(limits);
    List<UrlTableOptions.Limit> all = new ArrayList<>();
    below.forEach((column, number) -> all.add(new UrlTableOptions.Limit(column, number)));
    return new UrlTableOptions(
        urlColumn == null ? base.urlColumn() : urlColumn,
        noCaptions ? Optional.empty() : Optional.ofNullable(captionColumn).or(base::captionColumn),
        base.keyColumn(),
        base.extraColumns(),
        all);
  }
}
