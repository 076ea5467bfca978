package kiln.data.download;

import kiln.data.input.Input;
import kiln.data.jsonl.JsonLines;
import kiln.data.source.SkipReport;
import kiln.data.source.UnusableException;

/** A JSON object a line. */
final class JsonRows implements ListRows {
  private final JsonLines lines;

  JsonRows(Input input, SkipReport skips) throws UnusableException {
    lines = JsonLines.open(input, ListFormat.LONGEST_LINE, skips);
  }

  @Override
  public Row next() {
    if (!lines.hasNext()) {
      return null;
    }
    JsonLines.Line line = lines.next();
    return new Row(line.origin(), line.object());
  }

  @Override
  public void close() {
    lines.close();
  }
}
