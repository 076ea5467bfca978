package kiln.launcher.transfer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import kiln.bindings.UserException;
import kiln.launcher.checkpoint.DurableFiles;
import kiln.launcher.preset.PresetJson;
import tools.jackson.databind.node.ObjectNode;

/** Makes a folder that is there whole or not at all: beside its place, forced to the disk, then renamed. */
final class NewFolder {
  /** Fills the folder. */
  @FunctionalInterface
  interface Body {
    void fill(Path folder) throws IOException;
  }

  private NewFolder() {}

  /**
   * @param to where nothing, or an empty folder, is now
   * @throws UserException if something is there, or the file system refuses
   */
  static void write(Path to, Body body) {
    Path place = to.toAbsolutePath().normalize();
    Path aside = place.resolveSibling("." + place.getFileName() + ".partial");
    try {
      if (Files.exists(place) && (!Files.isDirectory(place) || hasEntries(place))) {
        throw new UserException("option --out: " + to + ": found something there, expected a new or an empty folder");
      }
      DurableFiles.deleteTree(aside);
      Files.createDirectories(aside);
      body.fill(aside);
      DurableFiles.forceTree(aside);
      DurableFiles.rename(aside, place);
    } catch (IOException e) {
      discard(aside, e);
      throw new UserException("option --out: " + to + ": cannot be written (" + e.getMessage() + ")", e);
    } catch (RuntimeException | Error e) {
      discard(aside, e);
      throw e;
    }
  }

  private static boolean hasEntries(Path folder) throws IOException {
    try (var entries = Files.newDirectoryStream(folder)) {
      return entries.iterator().hasNext();
    }
  }

  private static void discard(Path aside, Throwable cause) {
    try {
      DurableFiles.deleteTree(aside);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  /** Writes JSON files, by their paths below {@code folder}. */
  static void writeDocuments(Path folder, Map<String, ObjectNode> documents) throws IOException {
    for (Map.Entry<String, ObjectNode> document : documents.entrySet()) {
      Path file = folder.resolve(document.getKey());
      Files.createDirectories(file.getParent());
      DurableFiles.write(file, PresetJson.MAPPER.writeValueAsBytes(document.getValue()));
    }
  }
}
