package kiln.data.download;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * A line of {@code downloads.jsonl}.
 *
 * @param checksum what the table says, in hexadecimal digits; null if nothing
 * @param status {@link #OK}, or the kind of failure
 * @param http the last HTTP status; null if there was none
 * @param bytes of the picture; 0 if there is none
 * @param seconds from the first request to the last byte, waiting included
 * @param attempts requests, without those that followed redirections
 * @param sha256 of the picture, in hexadecimal digits; null if there is none
 * @param file of the picture, from the folder; null if there is none
 * @param detail of a failure, one line
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record LogLine(
    String url,
    String checksum,
    String status,
    Integer http,
    long bytes,
    double seconds,
    int attempts,
    String sha256,
    String file,
    String detail) {
  static final String OK = "ok";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  boolean ok() {
    return status.equals(OK);
  }

  byte[] key() {
    return Target.key(url, checksum == null ? "" : checksum);
  }

  /** With the line's end. */
  byte[] bytesOfLine() {
    return (JSON.writeValueAsString(this) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** Null for what is not a line of the log. */
  static LogLine parse(byte[] line, int from, int length) {
    try {
      LogLine read = JSON.readValue(line, from, length, LogLine.class);
      boolean whole = read != null && read.url != null && read.status != null;
      return whole && (!read.ok() || (read.sha256 != null && read.file != null)) ? read : null;
    } catch (JacksonException e) {
      return null;
    }
  }
}
