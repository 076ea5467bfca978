package kiln.data.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import kiln.bindings.UserException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** The {@code tokenizer_config.json} of transformers, and its older companion {@code special_tokens_map.json}. */
final class TokenizerConfig {
  static final String FILE = "tokenizer_config.json";
  private static final String NETWORK = "config.json";
  private static final String SPECIAL_TOKENS = "special_tokens_map.json";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path folder;
  private final JsonNode fields;
  private final JsonNode specialTokens;

  private TokenizerConfig(Path folder, JsonNode fields, JsonNode specialTokens) {
    this.folder = folder;
    this.fields = fields;
    this.specialTokens = specialTokens;
  }

  /**
   * @throws UserException if the file is absent or no JSON object
   */
  static TokenizerConfig open(Path folder) {
    if (!Files.isRegularFile(folder.resolve(FILE))) {
      throw new UserException(folder + ": found no " + FILE + ", expected the folder of a tokenizer");
    }
    return new TokenizerConfig(folder, object(folder.resolve(FILE)), objectIfThere(folder.resolve(SPECIAL_TOKENS)));
  }

  /** The JSON object in {@code file}. */
  static JsonNode object(Path file) {
    try {
      JsonNode json = JSON.readTree(Files.readAllBytes(file));
      if (!json.isObject()) {
        throw new UserException(file + ": expected a JSON object, found " + json.getNodeType());
      }
      return json;
    } catch (IOException e) {
      throw new UserException(file + ": cannot be read: " + e.getMessage());
    } catch (JacksonException e) {
      throw new UserException(file + ": not JSON: " + e.getOriginalMessage().lines().findFirst().orElse(""));
    }
  }

  /** The JSON object in {@code file}, or a missing node. */
  static JsonNode objectIfThere(Path file) {
    return Files.isRegularFile(file) ? object(file) : MissingNode.getInstance();
  }

  Path folder() {
    return folder;
  }

  JsonNode field(String name) {
    return fields.path(name);
  }

  /** Old folders, those of the published ByT5 among them, name the class beside the network's sizes only. */
  String tokenizerClass() {
    JsonNode here = fields.path("tokenizer_class");
    JsonNode name = here.isString() ? here : objectIfThere(folder.resolve(NETWORK)).path("tokenizer_class");
    if (!name.isString()) {
      throw wrong("tokenizer_class", name.isMissingNode() ? "none" : name, "the name of a class");
    }
    return name.stringValue();
  }

  /** {@code model_max_length}, which transformers writes as a huge number where there is no limit. */
  int maxLength(int missing) {
    JsonNode value = fields.path("model_max_length");
    if (value.isMissingNode() || value.isNull()) {
      return missing;
    }
    if (!value.isNumber() || !(value.doubleValue() >= 1) || value.doubleValue() != Math.rint(value.doubleValue())) {
      throw wrong("model_max_length", value, "a whole number of tokens");
    }
    return value.doubleValue() > Integer.MAX_VALUE ? missing : value.intValue();
  }

  /** How {@code role} ({@code pad_token}) is written: a text, or an object with a text and how it is matched; or missing. */
  JsonNode token(String role) {
    JsonNode value = fields.path(role);
    boolean given = !value.isMissingNode() && !value.isNull();
    return given ? value : specialTokens.path(role);
  }

  /** Refuses another text than {@code expected} for {@code role}; none at all is the expected one. */
  void expectToken(String role, String expected) {
    JsonNode token = token(role);
    JsonNode text = token.isObject() ? token.path("content") : token;
    if (!text.isMissingNode() && !text.isNull() && !(text.isString() && text.stringValue().equals(expected))) {
      throw wrong(role, text, expected);
    }
  }

  UserException wrong(String field, Object found, String expected) {
    return new UserException(folder.resolve(FILE) + ": " + field + ": found " + found + ", expected " + expected);
  }
}
