package kiln.data.download;

import java.io.InputStream;
import kiln.bindings.UserException;
import kiln.data.source.SkipReport;
import kiln.data.source.UnusableException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvSchema;

/** A table with a header (RFC 4180): quoted fields may hold separators and line ends. */
final class CsvRows implements ListRows {
  private static final String BAD_CSV = "invalid CSV";

  private final String location;
  private final SkipReport skips;
  private final MappingIterator<ObjectNode> rows;
  private long row = 1;
  private boolean ended;

  /**
   * @param stream closed with this
   * @throws UserException if the header lacks {@code urlColumn}
   */
  CsvRows(String location, InputStream stream, char separator, String urlColumn, SkipReport skips) {
    this.location = location;
    this.skips = skips;
    CsvSchema schema = CsvSchema.emptySchema().withHeader().withColumnSeparator(separator);
    rows = CsvMapper.builder().build().readerFor(ObjectNode.class).with(schema).readValues(stream);
    checkHeader(urlColumn);
  }

  private void checkHeader(String urlColumn) {
    if (ahead()) {
      CsvSchema header = (CsvSchema) rows.parserSchema();
      if (header.column(urlColumn) == null) {
        close();
        throw new UserException(
            location + ": expected a column " + urlColumn + ", found " + String.join(", ", header.getColumnNames()));
      }
    }
  }

  private boolean ahead() {
    try {
      return !ended && rows.hasNextValue();
    } catch (JacksonException e) {
      return end(e);
    }
  }

  @Override
  public Row next() {
    try {
      if (!ahead()) {
        return null;
      }
      row++;
      return new Row(location + ": row " + row, rows.nextValue());
    } catch (JacksonException e) {
      end(e);
      return null;
    }
  }

  /** Where the next row would begin is not known. */
  private boolean end(JacksonException e) {
    ended = true;
    String message = e.getOriginalMessage() == null ? "cannot be read" : e.getOriginalMessage();
    skips.add(
        new UnusableException(
            BAD_CSV, location + " after row " + row + ", and all that follows: " + message.lines().findFirst().orElse("")));
    return false;
  }

  @Override
  public void close() {
    try {
      rows.close();
    } catch (JacksonException e) {
      // Nothing was written: what has been read stays good.
    }
  }
}
