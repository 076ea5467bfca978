package kiln.data.download;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import kiln.data.jsonl.JsonLines;
import kiln.data.jsonl.Lines;
import kiln.data.source.SkipReport;
import kiln.data.source.UnusableException;
import tools.jackson.databind.json.JsonMapper;

/** A URL a line; empty lines are passed over. */
final class TextRows implements ListRows {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final String location;
  private final InputStream stream;
  private final Lines lines;
  private final String column;
  private final SkipReport skips;

  /**
   * @param column that the URLs are given
   */
  TextRows(String location, InputStream stream, String column, SkipReport skips) {
    this.location = location;
    this.stream = stream;
    this.lines = new Lines(stream, ListFormat.LONGEST_LINE);
    this.column = column;
    this.skips = skips;
  }

  @Override
  public Row next() {
    try {
      for (byte[] line = lines.next(); line != null; line = lines.next()) {
        String origin = location + ":" + lines.number();
        String url = new String(line, StandardCharsets.UTF_8).strip();
        if (lines.length() > ListFormat.LONGEST_LINE) {
          String detail = origin + ": " + lines.length() + " bytes, at most " + ListFormat.LONGEST_LINE + " are read";
          skips.add(new UnusableException(JsonLines.TOO_LONG, detail));
        } else if (!url.isEmpty()) {
          return new Row(origin, JSON.createObjectNode().put(column, url));
        }
      }
    } catch (IOException e) {
      skips.add(ListFormat.broken(location + " after line " + lines.number(), e));
    }
    return null;
  }

  @Override
  public void close() {
    try {
      stream.close();
    } catch (IOException e) {
      // Nothing was written: what has been read stays good.
    }
  }
}
