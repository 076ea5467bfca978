package kiln.launcher.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kiln.bindings.UserException;
import kiln.data.download.UrlListSource;
import kiln.data.parquet.TableFiles;
import kiln.data.parquet.UrlTable;
import kiln.data.parquet.UrlTableOptions;
import kiln.data.url.UrlSource;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tables of URLs, their columns, and which of their rows are used. */
final class UrlTableMixin {
  @Parameters(
      arity = "1..*",
      paramLabel = "TABLE",
      description =
          "Parquet files (.parquet), or lists: JSON lines (.jsonl), a table with a header (.csv, .tsv), a URL a line (.txt).")
  private List<Path> files;

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

  List<UrlSource> tables() {
    UrlTableOptions options = options();
    List<UrlSource> tables = new ArrayList<>();
    for (Path file : files) {
      if (!Files.isRegularFile(file)) {
        throw new UserException(file + ": no such file");
      }
      if (file.toString().endsWith(".parquet")) {
        tables.add(new UrlTable(TableFiles.of(List.of(file)), options));
      } else if (UrlListSource.reads(file)) {
        tables.add(new UrlListSource(file, options));
      } else {
        throw new UserException(file + ": expected a name that ends in .parquet, .jsonl, .csv, .tsv or .txt");
      }
    }
    return tables;
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
