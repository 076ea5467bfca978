package kiln.data.jsonl;

import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.OptionalLong;
import kiln.data.input.FileKeys;
import kiln.data.input.Input;
import kiln.data.input.Inputs;
import kiln.data.input.Locations;
import kiln.data.picture.PictureFiles;
import kiln.data.source.RawSample;
import kiln.data.source.RawSamples;
import kiln.data.source.RawSource;
import kiln.data.source.SkipReport;
import kiln.data.source.UnusableException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Captioned pictures by one JSON object per line, each with a picture's path, relative to the file, or with its bytes. */
public final class JsonLinesSource implements RawSource {
  static final String NO_PICTURE = "line without picture";
  static final String BAD_BASE64 = "invalid Base64";

  /** Endings of the names of such files. */
  public static final List<String> ENDINGS = List.of(".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz");

  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final String DATA = "data:";

  private final List<String> patterns;
  private final JsonLinesOptions options;
  private final Inputs inputs;
  private final List<Part> parts = new ArrayList<>();

  /** A file and what names it in keys. */
  private record Part(String key, Input input) {}

  /**
   * @param patterns locations, see {@link Locations#expand} and {@link Inputs#of}; a folder stands for its JSON lines files
   * @param inputs stays open for as long as this is read
   * @throws kiln.bindings.UserException if a pattern means nothing
   */
  public JsonLinesSource(List<String> patterns, JsonLinesOptions options, Inputs inputs) {
    this.patterns = List.copyOf(patterns);
    this.options = options;
    this.inputs = inputs;
    List<String> locations = Locations.expand(patterns, ENDINGS);
    List<String> keys = FileKeys.of(locations);
    for (int i = 0; i < locations.size(); i++) {
      parts.add(new Part(keys.get(i), inputs.of(locations.get(i))));
    }
  }

  @Override
  public String name() {
    return "jsonl";
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("files", patterns);
    settings.put("numFiles", parts.size());
    settings.put("imageFields", options.imageFields());
    settings.put("base64Fields", options.base64Fields());
    settings.put("captionFields", options.captionFields());
    settings.put("keyField", options.keyField().orElse(null));
    settings.put("imageRoot", options.imageRoot().orElse(null));
    settings.put("maxLineBytes", options.maxLineBytes());
    settings.put("maxPictureBytes", options.maxPictureBytes());
    return settings;
  }

  @Override
  public OptionalLong count() {
    return OptionalLong.empty();
  }

  @Override
  public RawSamples open(SkipReport skips) {
    return new Samples(skips);
  }

  /** Reads one file after the other. */
  private final class Samples implements RawSamples {
    private final SkipReport skips;
    private int nextPart;
    private Part part;
    private JsonLines lines;
    private PictureFiles pictures;
    private RawSample ahead;

    Samples(SkipReport skips) {
      this.skips = skips;
    }

    @Override
    public boolean hasNext() {
      while (ahead == null) {
        if (lines != null && lines.hasNext()) {
          try {
            ahead = sample(part, lines.next(), pictures);
          } catch (UnusableException e) {
            skips.add(e);
          }
        } else if (nextPart < parts.size()) {
          close();
          open(parts.get(nextPart++));
        } else {
          close();
          return false;
        }
      }
      return true;
    }

    private void open(Part next) {
      part = next;
      String location = next.input.location();
      int slash = location.lastIndexOf('/');
      String folder = options.imageRoot().orElse(slash < 0 ? "." : location.substring(0, Math.max(1, slash)));
      pictures = new PictureFiles(folder, inputs, options.maxPictureBytes());
      try {
        lines = JsonLines.open(next.input, (int) options.maxLineBytes(), skips);
      } catch (UnusableException e) {
        skips.add(e);
      }
    }

    @Override
    public RawSample next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      RawSample next = ahead;
      ahead = null;
      return next;
    }

    @Override
    public void close() {
      if (lines != null) {
        lines.close();
      }
      lines = null;
    }
  }

  private RawSample sample(Part part, JsonLines.Line line, PictureFiles pictures) throws UnusableException {
    ObjectNode truth = line.object().deepCopy();
    truth.remove(options.base64Fields());
    byte[] caption = line.bytes(options.captionFields());
    String base64 = line.text(options.base64Fields());
    String path = line.text(options.imageFields());
    if (base64 == null && path != null && path.startsWith(DATA)) {
      base64 = path;
      truth.remove(options.imageFields());
    }
    RawSample.EncodedPicture picture;
    if (base64 != null) {
      picture = RawSample.EncodedPicture.of(decoded(base64, line.origin()));
    } else if (path != null) {
      picture = pictures.picture(PictureFiles.inside(path, line.origin()), line.origin());
    } else {
      String wanted = String.join(", ", options.imageFields()) + ", " + String.join(", ", options.base64Fields());
      throw new UnusableException(NO_PICTURE, line.origin() + ": expected text in one of " + wanted);
    }
    String own = options.keyField().map(field -> line.object().path(field).asString("")).orElse("");
    String key = own.isEmpty() ? part.key + "#" + line.number() : own;
    String group = base64 == null ? path : key;
    return new RawSample(key, group, line.origin(), picture, caption, MAPPER.writeValueAsString(truth));
  }

  private byte[] decoded(String base64, String origin) throws UnusableException {
    String text = base64;
    if (text.startsWith(DATA)) {
      int comma = text.indexOf(',');
      if (comma < 0 || !text.substring(0, comma).endsWith(";base64")) {
        throw new UnusableException(BAD_BASE64, origin + ": expected data:…;base64,…");
      }
      text = text.substring(comma + 1);
    }
    try {
      // Only the MIME decoder takes lines, and it takes anything else too.
      byte[] bytes = (text.indexOf('\n') >= 0 ? Base64.getMimeDecoder() : Base64.getDecoder()).decode(text);
      if (bytes.length > options.maxPictureBytes()) {
        throw new UnusableException(
            PictureFiles.TOO_LARGE,
            origin + ": picture of " + bytes.length + " bytes, at most " + options.maxPictureBytes() + " are read");
      }
      return bytes;
    } catch (IllegalArgumentException e) {
      throw new UnusableException(BAD_BASE64, origin + ": " + e.getMessage());
    }
  }
}
