package kiln.data.download;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import kiln.bindings.UserException;
import kiln.data.parquet.UrlTableOptions;
import kiln.data.source.SkipReport;
import kiln.data.source.UnusableException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvSchema;

/** Files of text that list URLs. */
enum ListFormat {
  TXT,
  JSONL,
  CSV,
  TSV;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** A table's rows, one after the other. */
  interface Reader extends AutoCloseable {
    /** The next row's columns, null after the last one. */
    ObjectNode next() throws IOException;

    /** File and line or row of the row that was given last. */
    String origin();

    @Override
    void close() throws IOException;
  }

  static Optional<ListFormat> find(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return switch (name.substring(name.lastIndexOf('.') + 1)) {
      case "txt" -> Optional.of(TXT);
      case "jsonl", "ndjson" -> Optional.of(JSONL);
      case "csv" -> Optional.of(CSV);
      case "tsv" -> Optional.of(TSV);
      default -> Optional.empty();
    };
  }

  static ListFormat of(Path file) {
    return find(file).orElseThrow(() -> new UserException(file + ": expected a name that ends in .jsonl, .csv, .tsv or .txt"));
  }

  Reader open(Path file, UrlTableOptions options, SkipReport skips) throws IOException {
    return switch (this) {
      case TXT -> new TextReader(file, options.urlColumn(), skips);
      case JSONL -> new JsonReader(file, skips);
      case CSV -> new CsvReader(file, ',', options, skips);
      case TSV -> new CsvReader(file, '\t', options, skips);
    };
  }

  private abstract static class LineReader implements Reader {
    final Path file;
    private final ByteLines lines;
    private final SkipReport skips;

    LineReader(Path file, SkipReport skips) throws IOException {
      this.file = file;
      this.skips = skips;
      lines = new ByteLines(Files.newInputStream(file));
    }

    abstract ObjectNode row(byte[] line) throws UnusableException;

    @Override
    public ObjectNode next() throws IOException {
      for (byte[] line = lines.next(); line != null; line = lines.next()) {
        try {
          if (lines.tooLong()) {
            throw new UnusableException("line too long", origin() + ": longer than " + ByteLines.LONGEST + " bytes");
          }
          ObjectNode row = isBlank(line) ? null : row(line);
          if (row != null) {
            return row;
          }
        } catch (UnusableException e) {
          skips.add(e);
        }
      }
      return null;
    }

    private static boolean isBlank(byte[] line) {
      for (byte b : line) {
        if (b != ' ' && b != '\t' && b != '\r') {
          return false;
        }
      }
      return true;
    }

    @Override
    public String origin() {
      return file + ", line " + lines.number();
    }

    @Override
    public void close() throws IOException {
      lines.close();
    }
  }

  /** A URL a line. */
  private static final class TextReader extends LineReader {
    private final String column;

    TextReader(Path file, String column, SkipReport skips) throws IOException {
      super(file, skips);
      this.column = column;
    }

    @Override
    ObjectNode row(byte[] line) {
      return JSON.createObjectNode().put(column, new String(line, StandardCharsets.UTF_8).strip());
    }
  }

  /** An object a line. */
  private static final class JsonReader extends LineReader {
    JsonReader(Path file, SkipReport skips) throws IOException {
      super(file, skips);
    }

    @Override
    ObjectNode row(byte[] line) throws UnusableException {
      try {
        JsonNode read = JSON.readTree(line);
        if (read instanceof ObjectNode object) {
          return object;
        }
        throw new UnusableException("row is no JSON object", origin() + ": expected an object");
      } catch (JacksonException e) {
        throw new UnusableException("row is no JSON object", origin() + ": " + e.getOriginalMessage());
      }
    }
  }

  /** A header, then rows; a quoted field may hold line ends. */
  private static final class CsvReader implements Reader {
    private final Path file;
    private final SkipReport skips;
    private final java.io.Reader in;
    private final MappingIterator<Map<String, String>> rows;
    private long row;

    CsvReader(Path file, char separator, UrlTableOptions options, SkipReport skips) throws IOException {
      this.file = file;
      this.skips = skips;
      in = Files.newBufferedReader(file, StandardCharsets.UTF_8);
      CsvSchema schema = CsvSchema.emptySchema().withHeader().withColumnSeparator(separator);
      rows = new CsvMapper().readerForMapOf(String.class).with(schema).readValues(in);
      checkHeader(options);
    }

    private void checkHeader(UrlTableOptions options) throws IOException {
      try {
        boolean any = rows.hasNextValue();
        CsvSchema header = (CsvSchema) rows.parserSchema();
        if (any && header.column(options.urlColumn()) == null) {
          throw new UserException(
              file + ": expected a column " + options.urlColumn() + ", found " + String.join(", ", header.getColumnNames()));
        }
      } catch (JacksonException | UserException e) {
        close();
        throw e instanceof UserException user ? user : new UserException(file + ": not a table: " + line(e), e);
      }
    }

    @Override
    public ObjectNode next() throws IOException {
      try {
        if (!rows.hasNextValue()) {
          return null;
        }
        row++;
        ObjectNode columns = JSON.createObjectNode();
        rows.nextValue().forEach(columns::put);
        return columns;
      } catch (JacksonException e) {
        // Where the next row would begin is not known.
        skips.add(new UnusableException("rest of the table unreadable", origin() + " and what follows: " + line(e)));
        return null;
      }
    }

    private static String line(Exception e) {
      String message = e instanceof JacksonException json ? json.getOriginalMessage() : e.getMessage();
      return message.lines().findFirst().orElse("");
    }

    @Override
    public String origin() {
      return file + ", row " + row;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
