package kiln.data.jsonl;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.zip.GZIPInputStream;
import kiln.data.input.Input;
import kiln.data.input.InputException;
import kiln.data.source.SkipReport;
import kiln.data.source.UnusableException;
import kiln.data.text.Utf8;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The objects of a file with one JSON object per line, see <a href="https://jsonlines.org">jsonlines.org</a>. Lines that are none
 * are left out and counted; empty lines, and a byte order mark, are passed over. Names that end in {@code .gz} are decompressed.
 */
public final class JsonLines implements Iterator<JsonLines.Line>, AutoCloseable {
  public static final String BAD_JSON = "invalid JSON";
  public static final String TOO_LONG = "line too long";
  public static final String BROKEN = "damaged file";

  private static final String MARK = "\uFEFF";

  private final String location;
  private final InputStream stream;
  private final Lines lines;
  private final int longest;
  private final JsonMapper mapper;
  private final SkipReport skips;
  private Line ahead;
  private boolean ended;

  /**
   * An object and where it is.
   *
   * @param origin file and line, for messages
   * @param number of the line, from 1
   */
  public record Line(String origin, long number, ObjectNode object) {
    /** The first of these fields that holds text; null if none does. Of a list of texts it is the first. */
    public String text(List<String> fields) {
      for (String field : fields) {
        JsonNode value = object.get(field);
        if (value != null && value.isArray() && !value.isEmpty()) {
          value = value.get(0);
        }
        if (value != null && value.isString()) {
          return value.stringValue();
        }
      }
      return null;
    }

    /** The first of these fields that holds text, as UTF-8; null if none does. */
    public byte[] bytes(List<String> fields) {
      String text = text(fields);
      return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }
  }

  private JsonLines(Input input, InputStream stream, int longest, SkipReport skips) {
    this.location = input.location();
    this.stream = stream;
    this.lines = new Lines(stream, longest);
    this.longest = longest;
    this.skips = skips;
    // A line is bounded already, so its parts need not be.
    StreamReadConstraints constraints =
        StreamReadConstraints.builder().maxStringLength(longest).maxDocumentLength(-1).build();
    mapper =
        JsonMapper.builder(JsonFactory.builder().streamReadConstraints(constraints).build())
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS) // Python writes NaN
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
  }

  /**
   * @param longest bytes of a line; longer ones are left out
   * @param skips told of lines that are left out, and if the file ends too early
   * @throws UnusableException if it cannot be had
   */
  public static JsonLines open(Input input, int longest, SkipReport skips) throws UnusableException {
    try {
      InputStream stream = input.open();
      try {
        return new JsonLines(input, input.location().endsWith(".gz") ? new GZIPInputStream(stream) : stream, longest, skips);
      } catch (IOException e) {
        stream.close();
        throw e;
      }
    } catch (IOException e) {
      throw unusable(input.location(), e);
    }
  }

  private static UnusableException unusable(String place, IOException e) {
    if (e instanceof InputException input) {
      return input.unusable();
    }
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return new UnusableException(BROKEN, place + ": " + message.lines().findFirst().orElse(""));
  }

  @Override
  public boolean hasNext() {
    while (ahead == null && !ended) {
      try {
        ahead = read();
      } catch (UnusableException e) {
        skips.add(e);
      } catch (IOException e) {
        ended = true;
        skips.add(unusable(location + " after line " + lines.number(), e));
      }
    }
    return ahead != null;
  }

  @Override
  public Line next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    Line next = ahead;
    ahead = null;
    return next;
  }

  private Line read() throws IOException, UnusableException {
    byte[] line = lines.next();
    if (line == null) {
      ended = true;
      return null;
    }
    String origin = location + ":" + lines.number();
    if (lines.length() > longest) {
      throw new UnusableException(TOO_LONG, origin + ": " + lines.length() + " bytes, at most " + longest + " are read");
    }
    String text;
    try {
      text = Utf8.decode(line, origin);
    } catch (Utf8.InvalidUtf8Exception e) {
      throw new UnusableException(BAD_JSON, e.getMessage());
    }
    if (lines.number() == 1 && text.startsWith(MARK)) {
      text = text.substring(1);
    }
    return text.isBlank() ? null : new Line(origin, lines.number(), object(text, origin));
  }

  private ObjectNode object(String text, String origin) throws UnusableException {
    JsonNode node;
    try {
      node = mapper.readTree(text);
    } catch (JacksonException e) {
      String message = e.getOriginalMessage() == null ? "cannot be read" : e.getOriginalMessage();
      throw new UnusableException(BAD_JSON, origin + ": " + message.lines().findFirst().orElse(""));
    }
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw new UnusableException(BAD_JSON, origin + ": expected an object, found " + node.getNodeType());
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
