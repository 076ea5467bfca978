package kiln.data.url;

/**
 * A row of a table that names pictures by where they are on the web; nothing of the URL has been checked.
 *
 * @param url as the table has it, not empty
 * @param key names the row within its table, the same every time: the table's own hash or key column if it has one
 * @param origin file and row, for messages
 * @param caption as the table has it, not empty, maybe not UTF-8; null if the table has no captions
 * @param extra the other columns, as a JSON object
 */
public record UrlRow(String url, String key, String origin, byte[] caption, String extra) {}
