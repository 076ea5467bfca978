package kiln.data.parquet;

import kiln.data.input.SeekableInput;

/**
 * A file of a table that may consist of several.
 *
 * @param key names it within the table; begins the keys of rows without any of their own
 */
record TableFile(String key, SeekableInput input) {
  String location() {
    return input.location();
  }
}
