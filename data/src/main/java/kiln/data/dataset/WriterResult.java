package kiln.data.dataset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kiln.bindings.UserException;
import kiln.data.queue.Manifest;
import kiln.data.queue.Preparation;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What one of several writers that prepare apart has made, in {@code writer-I.json} until all are done.
 *
 * @param splits by folder name
 * @param skipped every detail of what was left out, by reason
 */
record WriterResult(Map<String, Manifest.Contents> splits, Map<String, List<String>> skipped) {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private static String name(int writer) {
    return Preparation.result(writer);
  }

  void write(Path folder, int writer) throws IOException {
    Preparation.write(folder, name(writer), MAPPER.writeValueAsBytes(this));
  }

  /** Empty if the writer is not done. */
  static Optional<WriterResult> read(Path folder, int writer) {
    Path file = folder.resolve(name(writer));
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(MAPPER.readValue(file.toFile(), WriterResult.class));
    } catch (JacksonException e) {
      throw new UserException(file + ": cannot be read: delete it and run the command of writer " + writer + " again", e);
    }
  }

  static void delete(Path folder, int writer) throws IOException {
    Files.deleteIfExists(folder.resolve(name(writer)));
  }
}
