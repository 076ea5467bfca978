package kiln.data.encoded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import kiln.bindings.UserException;
import kiln.data.queue.Manifest;
import kiln.data.queue.Preparation;
import kiln.data.queue.Split;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What {@code encoded.json} says. It is written last, so a folder without it is not a finished data set.
 *
 * @param format always {@link #FORMAT}
 * @param version of the folder and of its blocks
 * @param key SHA-256 of {@code origin}, in hexadecimal, which every block carries too
 * @param origin source and models
 * @param blockSize samples per block, the source's
 * @param splits by folder name
 */
public record EncodedManifest(
    String format, int version, String key, Origin origin, int blockSize, Map<String, Contents> splits) {
  public static final String FILE = "encoded.json";
  public static final String FORMAT = "kiln-encoded";

  private static final JsonMapper MAPPER = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /**
   * One split.
   *
   * @param samples different samples
   * @param blocks in all parts together, the source's
   * @param buckets different samples by bucket
   * @param files the parts' files and their sizes in bytes
   */
  public record Contents(long samples, long blocks, Map<String, Long> buckets, Map<String, Long> files) {}

  public static EncodedManifest of(Origin origin, int blockSize, Map<String, Contents> splits) {
    return new EncodedManifest(FORMAT, EncodedLayout.VERSION, origin.keyText(), origin, blockSize, splits);
  }

  /** Whether the folder holds encoded samples, finished. */
  public static boolean isIn(Path folder) {
    return Files.isRegularFile(folder.resolve(FILE));
  }

  /**
   * @throws UserException if the file is missing, not readable, or of another version
   */
  public static EncodedManifest read(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      throw new UserException(folder + ": no " + FILE + ": not an encoded data set, or its encoding did not finish");
    }
    try {
      JsonNode tree = MAPPER.readTree(Files.readAllBytes(file));
      String format = tree.path("format").asString("none");
      if (!format.equals(FORMAT)) {
        throw new UserException(file + ": format is " + format + ", expected " + FORMAT);
      }
      int version = tree.path("version").asInt(-1);
      if (version != EncodedLayout.VERSION) {
        throw new UserException(
            file + ": encoded data set has version " + version + ", this Kiln reads version " + EncodedLayout.VERSION
                + "; make it again with ./kiln data encode");
      }
      EncodedManifest manifest = MAPPER.treeToValue(tree, EncodedManifest.class);
      if (!manifest.key.equals(manifest.origin.keyText())) {
        throw new UserException(file + ": key is " + manifest.key + ", expected " + manifest.origin.keyText());
      }
      return manifest;
    } catch (IOException | JacksonException e) {
      throw new UserException(file + ": cannot be read: " + Manifest.firstLine(e));
    }
  }

  /** Writes it aside, forces it to disk and renames it into the folder. */
  public void write(Path folder) throws IOException {
    Preparation.write(folder, FILE, MAPPER.writeValueAsBytes(this));
  }

  /**
   * @throws UserException if there is no such split
   */
  Contents contents(Path folder, Split split) {
    Contents contents = splits.get(split.folder());
    if (contents == null) {
      throw new UserException(folder + ": has no " + split.folder() + " split, only " + splits.keySet());
    }
    return contents;
  }
}
