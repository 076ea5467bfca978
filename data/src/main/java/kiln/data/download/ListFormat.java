package kiln.data.download;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import kiln.data.input.Input;
import kiln.data.input.InputException;
import kiln.data.parquet.UrlTableOptions;
import kiln.data.source.SkipReport;
import kiln.data.source.UnusableException;

/** Files of text that list URLs; {@code .gz} behind their ending means that they are compressed. */
enum ListFormat {
  TXT(".txt"),
  JSONL(".jsonl"),
  CSV(".csv"),
  TSV(".tsv");

  /** Bytes of a line, more than any URL with its caption has; longer ones are left out. */
  static final int LONGEST_LINE = 4 << 20;

  private static final String BROKEN = "damaged file";
  private static final String COMPRESSED = ".gz";

  private final String ending;

  ListFormat(String ending) {
    this.ending = ending;
  }

  static List<String> endings() {
    return List.of(values()).stream().flatMap(f -> List.of(f.ending, f.ending + COMPRESSED).stream()).toList();
  }

  static Optional<ListFormat> find(String location) {
    String name = location.toLowerCase(Locale.ROOT);
    String plain = name.endsWith(COMPRESSED) ? name.substring(0, name.length() - COMPRESSED.length()) : name;
    return List.of(values()).stream().filter(format -> plain.endsWith(format.ending)).findFirst();
  }

  /**
   * @throws UnusableException if it cannot be had
   */
  ListRows open(Input input, UrlTableOptions options, SkipReport skips) throws UnusableException {
    return switch (this) {
      case TXT -> new TextRows(input.location(), stream(input), options.urlColumn(), skips);
      case JSONL -> new JsonRows(input, skips);
      case CSV -> new CsvRows(input.location(), stream(input), ',', options.urlColumn(), skips);
      case TSV -> new CsvRows(input.location(), stream(input), '\t', options.urlColumn(), skips);
    };
  }

  private static InputStream stream(Input input) throws UnusableException {
    try {
      InputStream stream = input.open();
      try {
        return input.location().toLowerCase(Locale.ROOT).endsWith(COMPRESSED) ? new GZIPInputStream(stream) : stream;
      } catch (IOException e) {
        stream.close();
        throw e;
      }
    } catch (IOException e) {
      throw broken(input.location(), e);
    }
  }

  /**
   * @param place the file, and how far it was read
   */
  static UnusableException broken(String place, IOException e) {
    if (e instanceof InputException input) {
      return input.unusable();
    }
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return new UnusableException(BROKEN, place + ": " + message.lines().findFirst().orElse(""));
  }
}
