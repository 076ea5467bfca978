package kiln.data.url;

import java.util.Map;
import java.util.OptionalLong;
import kiln.data.source.SkipReport;

/** Something that lists pictures by URL. Gives the same rows in the same order every time. */
public interface UrlSource {
  String name();

  /** Every option that decides what it gives. */
  Map<String, Object> settings();

  /** Rows before any is refused, if that is known before they are read. */
  OptionalLong count();

  /**
   * @param skips told of rows that cannot be used, and of those that the table's limits leave out
   */
  UrlRows open(SkipReport skips);
}
