package kiln.data.show;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import kiln.data.Bucket;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is counted of truths, one after the other, in bounded memory. */
final class TruthCounts {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final Set<String> LANGUAGE = Set.of("language", "lang", "languages");
  private static final int MOST_LANGUAGES = 1_000;
  private static final int MOST_FIELDS = 200;
  private static final int MOST_KINDS = 50;

  /** A longer truth is counted, and not read. */
  private static final int LONGEST = 16 << 20;

  private final BoundedCounts languages = new BoundedCounts(MOST_LANGUAGES);
  private final BoundedCounts fields = new BoundedCounts(MOST_FIELDS);
  private final BoundedCounts boxes = new BoundedCounts(MOST_KINDS);
  private long objects;
  private long unread;
  private long withBoxes;
  private long outside;

  void add(byte[] truth, Bucket bucket) {
    JsonNode tree = read(truth);
    if (tree == null || !tree.isObject()) {
      unread++;
      return;
    }
    objects++;
    tree.properties().forEach(field -> {
      fields.add(field.getKey());
      if (LANGUAGE.contains(field.getKey().toLowerCase(Locale.ROOT))) {
        addLanguages(field.getValue());
      }
    });
    List<TruthBoxes.Shape> shapes = TruthBoxes.in(tree);
    withBoxes += shapes.isEmpty() ? 0 : 1;
    for (TruthBoxes.Shape shape : shapes) {
      boxes.add(shape.kind());
      outside += shape.leaves(bucket.height(), bucket.width()) ? 1 : 0;
    }
  }

  /** One, or several of a list; each once. */
  private void addLanguages(JsonNode value) {
    if (value.isString()) {
      languages.add(value.stringValue());
    }
    Set<String> several = new HashSet<>();
    for (JsonNode element : value) {
      if (element.isString() && several.add(element.stringValue())) {
        languages.add(element.stringValue());
      }
    }
  }

  /** The truth, or null if it is no JSON or too long. */
  private static JsonNode read(byte[] truth) {
    if (truth.length == 0 || truth.length > LONGEST) {
      return null;
    }
    try {
      return MAPPER.readTree(truth);
    } catch (JacksonException e) {
      return null;
    }
  }

  TruthStatistics summary() {
    return new TruthStatistics(
        objects, unread, languages.ordered(), fields.ordered(), boxes.ordered(), withBoxes, outside);
  }
}
