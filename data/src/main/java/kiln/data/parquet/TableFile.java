package kiln.data.parquet;

import java.io.IOException;

/**
 * A file of a table that consists of several.
 *
 * @param name as the user knows it, for messages
 * @param key names it within the table, wherever the table is; begins the keys of rows without any of their own
 */
record TableFile(String name, String key, Opener opener) {
  /** Opens it. */
  @FunctionalInterface
  interface Opener {
    ParquetBytes open() throws IOException;
  }
}
