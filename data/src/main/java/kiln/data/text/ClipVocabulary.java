package kiln.data.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kiln.bindings.UserException;
import tools.jackson.databind.JsonNode;

/**
 * The words of a CLIP tokenizer, from {@code vocab.json} (spelling to id) and {@code merges.txt} (pairs in their order), or from
 * the one {@code tokenizer.json} that newer versions of transformers write.
 *
 * @param source the file of the pairs, for messages
 * @param ids by spelling
 * @param added what {@code tokenizer.json} says of added tokens; a missing node from the other files
 */
record ClipVocabulary(Path source, Map<String, Integer> ids, List<String[]> merges, JsonNode added) {
  private static final String VOCAB = "vocab.json";
  private static final String MERGES = "merges.txt";
  private static final String TOKENIZER = "tokenizer.json";
  private static final String VERSION = "#version";

  /**
   * @throws UserException if a file is absent or damaged
   */
  static ClipVocabulary read(Path folder) {
    Path tokenizer = folder.resolve(TOKENIZER);
    Path vocab = folder.resolve(VOCAB);
    Path merges = folder.resolve(MERGES);
    boolean pair = Files.isRegularFile(vocab) && Files.isRegularFile(merges);
    if (!pair && !Files.isRegularFile(tokenizer)) {
      throw new UserException(folder + ": found no vocabulary, expected " + VOCAB + " and " + MERGES + ", or " + TOKENIZER);
    }
    if (!pair) {
      return readTokenizer(tokenizer);
    }
    JsonNode none = TokenizerConfig.object(vocab).path(""); // a missing node: these files have no added tokens
    return new ClipVocabulary(merges, ids(vocab, TokenizerConfig.object(vocab)), lines(merges), none);
  }

  private static ClipVocabulary readTokenizer(Path file) {
    JsonNode json = TokenizerConfig.object(file);
    JsonNode model = json.path("model");
    expect(file, "model.type", model.path("type"), "BPE");
    expect(file, "model.end_of_word_suffix", model.path("end_of_word_suffix"), "</w>");
    List<String[]> merges = new ArrayList<>();
    for (JsonNode merge : model.path("merges")) {
      List<String> parts = new ArrayList<>();
      if (merge.isArray()) {
        merge.forEach(part -> parts.add(part.asString("")));
      } else {
        parts.addAll(List.of(merge.asString("").split(" ", -1)));
      }
      merges.add(pair(file, merges.size() + 1, parts));
    }
    return new ClipVocabulary(file, ids(file, model.path("vocab")), merges, json.path("added_tokens"));
  }

  private static void expect(Path file, String field, JsonNode value, String expected) {
    if (!value.isString() || !value.stringValue().equals(expected)) {
      throw new UserException(
          file + ": " + field + ": found " + (value.isMissingNode() ? "none" : value) + ", expected " + expected);
    }
  }

  private static Map<String, Integer> ids(Path file, JsonNode vocab) {
    Map<String, Integer> ids = new HashMap<>();
    vocab
        .properties()
        .forEach(
            entry -> {
              JsonNode id = entry.getValue();
              if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0) {
                throw new UserException(file + ": \"" + entry.getKey() + "\": found " + id + ", expected an id from 0 on");
              }
              ids.put(entry.getKey(), id.intValue());
            });
    if (ids.isEmpty()) {
      throw new UserException(file + ": found no tokens, expected a vocabulary");
    }
    return ids;
  }

  private static List<String[]> lines(Path file) {
    List<String[]> merges = new ArrayList<>();
    try {
      String text = Utf8.decode(Files.readAllBytes(file), file.toString());
      int number = 0;
      for (String line : text.split("\r?\n", -1)) { // not lines(): a spelling may hold what Unicode calls a line end
        number++;
        if (!line.isEmpty() && !line.startsWith(VERSION)) {
          merges.add(pair(file, number, List.of(line.split(" ", -1))));
        }
      }
    } catch (IOException e) {
      throw new UserException(file + ": cannot be read: " + e.getMessage(), e);
    } catch (Utf8.InvalidUtf8Exception e) {
      throw new UserException(e.getMessage(), e);
    }
    return merges;
  }

  private static String[] pair(Path file, int number, List<String> parts) {
    if (parts.size() != 2 || parts.getFirst().isEmpty() || parts.getLast().isEmpty()) {
      throw new UserException(file + ": merge in line " + number + ": found " + parts.size() + " parts, expected 2");
    }
    return parts.toArray(new String[0]);
  }

  /**
   * @throws UserException if a pair is not made of tokens
   */
  BytePairs bytePairs(int unknown) {
    try {
      return new BytePairs(ids, merges, unknown);
    } catch (IllegalArgumentException e) {
      throw new UserException(source + ": " + e.getMessage(), e);
    }
  }
}
