package kiln.data.text;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kiln.bindings.UserException;
import kiln.data.text.AddedTokens.Added;
import tools.jackson.databind.JsonNode;

/**
 * The tokens of a CLIP tokenizer with a role, and all tokens that a text may spell out.
 *
 * @param unknown stands for bytes that the vocabulary lacks
 */
record ClipSpecialTokens(int start, int end, int pad, int unknown, List<Added> added) {
  private static final String START = "<|startoftext|>";
  private static final String END = "<|endoftext|>";
  private static final String ADDED_FILE = "added_tokens.json";

  /**
   * @throws UserException if a token has no id, or is matched in a way that is not implemented
   */
  static ClipSpecialTokens read(TokenizerConfig config, ClipVocabulary vocabulary) {
    Reader reader = new Reader(config, vocabulary);
    reader.addListed();
    int start = reader.role("bos_token", START);
    int end = reader.role("eos_token", END);
    int unknown = reader.role("unk_token", END);
    int pad = reader.role("pad_token", END);
    reader.addFurther("additional_special_tokens");
    reader.addFurther("extra_special_tokens");
    return new ClipSpecialTokens(start, end, pad, unknown, List.copyOf(reader.added.values()));
  }

  private static final class Reader {
    private final TokenizerConfig config;
    private final Path file;
    private final Map<String, Integer> ids;
    private final JsonNode tokenizerJson;
    private final Map<String, Added> added = new LinkedHashMap<>();
    private final Map<String, Boolean> listed = new HashMap<>();

    Reader(TokenizerConfig config, ClipVocabulary vocabulary) {
      this.config = config;
      this.file = config.folder().resolve(TokenizerConfig.FILE);
      this.ids = new HashMap<>(vocabulary.ids());
      this.tokenizerJson = vocabulary.added();
    }

    /** Tokens that the files list with their ids: those have the last word on how they are matched. */
    void addListed() {
      Path addedFile = config.folder().resolve(ADDED_FILE);
      TokenizerConfig.objectIfThere(addedFile)
          .properties()
          .forEach(entry -> list(addedFile, entry.getKey(), id(addedFile, entry.getKey(), entry.getValue()), false));
      config
          .field("added_tokens_decoder")
          .properties()
          .forEach(
              entry -> {
                String text = content(file, "added_tokens_decoder", entry.getValue());
                list(file, text, number(file, text, entry.getKey()), cleaned(file, text, entry.getValue()));
              });
      for (JsonNode token : tokenizerJson) {
        Path source = config.folder().resolve("tokenizer.json");
        String text = content(source, "added_tokens", token);
        list(source, text, id(source, text, token.path("id")), cleaned(source, text, token));
      }
    }

    private void list(Path source, String text, int id, boolean cleaned) {
      Integer other = ids.put(text, id);
      if (other != null && other != id) {
        throw new UserException(source + ": \"" + text + "\": found id " + id + ", expected " + other + " as elsewhere");
      }
      listed.put(text, cleaned);
      add(text, id, cleaned);
    }

    private void add(String text, int id, boolean cleaned) {
      added.put(text, new Added(cleaned ? ClipText.clean(text) : text, id, cleaned));
    }

    /** The id of the token with that role. A token that is given as a plain text is looked for as it is written. */
    int role(String role, String usual) {
      JsonNode token = config.token(role);
      boolean given = !token.isMissingNode() && !token.isNull();
      String text = given ? content(file, role, token) : usual;
      boolean cleaned = token.isObject() && cleaned(file, text, token);
      return special(role, text, cleaned);
    }

    void addFurther(String field) {
      for (JsonNode token : config.field(field)) {
        String text = content(file, field, token);
        special(field, text, token.isObject() && cleaned(file, text, token));
      }
    }

    private int special(String field, String text, boolean cleaned) {
      Integer id = ids.get(text);
      if (id == null) {
        throw config.wrong(field, "\"" + text + "\"", "a token of the vocabulary");
      }
      add(text, id, listed.getOrDefault(text, cleaned));
      return id;
    }

    private static String content(Path source, String field, JsonNode token) {
      JsonNode text = token.isObject() ? token.path("content") : token;
      if (!text.isString() || text.stringValue().isEmpty()) {
        throw new UserException(source + ": " + field + ": found " + token + ", expected a token");
      }
      return text.stringValue();
    }

    private static boolean cleaned(Path source, String text, JsonNode token) {
      for (String flag : List.of("lstrip", "rstrip", "single_word")) {
        if (token.path(flag).asBoolean(false)) {
          throw new UserException(
              source + ": \"" + text + "\": found " + flag + " true, expected false (others are not implemented)");
        }
      }
      return token.path("normalized").asBoolean(false);
    }

    private static int id(Path source, String text, JsonNode id) {
      return number(source, text, id.asString(""));
    }

    private static int number(Path source, String text, String id) {
      if (!id.matches("\\d{1,9}")) {
        throw new UserException(source + ": \"" + text + "\": found id " + id + ", expected a number");
      }
      return Integer.parseInt(id);
    }
  }
}
