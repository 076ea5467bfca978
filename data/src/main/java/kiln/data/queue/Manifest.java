package kiln.data.queue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kiln.bindings.UserException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What {@code dataset.json} says. It is written last, so a folder without it is not a finished data set.
 *
 * @param format always {@link #FORMAT}
 * @param version of the folder and of its blocks, {@link BlockLayout#VERSION}
 * @param source what made it
 * @param settings all options it was made with
 * @param blockSize samples per block
 * @param splits by folder name
 * @param notes what else is worth knowing, such as the fonts used
 * @param skipped what was left out
 */
public record Manifest(
    String format,
    int version,
    String source,
    Map<String, Object> settings,
    int blockSize,
    Map<String, Contents> splits,
    Map<String, Object> notes,
    List<Skipped> skipped) {
  public static final String FILE = "dataset.json";
  public static final String FORMAT = "kiln-dataset";

  private static final JsonMapper MAPPER = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /**
   * One split.
   *
   * @param samples different samples
   * @param repeated samples that repeat others, to fill the last block of each bucket
   * @param blocks documents in the queue
   * @param buckets different samples by bucket
   * @param files the queues' files, as seen from the split's folder, and their sizes in bytes
   */
  public record Contents(
      long samples, long repeated, long blocks, Map<String, Long> buckets, Map<String, Long> files) {

    /** What several writers have written together. */
    public static Contents sum(List<Contents> all) {
      Map<String, Long> buckets = new LinkedHashMap<>();
      Map<String, Long> files = new TreeMap<>();
      for (Contents each : all) {
        each.buckets.forEach((bucket, samples) -> buckets.merge(bucket, samples, Long::sum));
        files.putAll(each.files);
      }
      return new Contents(
          all.stream().mapToLong(Contents::samples).sum(),
          all.stream().mapToLong(Contents::repeated).sum(),
          all.stream().mapToLong(Contents::blocks).sum(),
          buckets,
          files);
    }
  }

  /**
   * One kind of input that was left out.
   *
   * @param examples the first few, one line each
   */
  public record Skipped(String reason, long count, List<String> examples) {
    /** As in {@code 4 not found, for example a.tar: there is no such file}. */
    @Override
    public String toString() {
      return count + " " + reason + (examples.isEmpty() ? "" : ", for example " + examples.getFirst());
    }
  }

  public static Manifest of(
      String source,
      Map<String, Object> settings,
      int blockSize,
      Map<String, Contents> splits,
      Map<String, Object> notes,
      List<Skipped> skipped) {
    return new Manifest(FORMAT, BlockLayout.VERSION, source, settings, blockSize, splits, notes, skipped);
  }

  /**
   * @throws UserException if the folder is missing, empty, not a data set, not finished, or of another version
   */
  public static Manifest read(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new UserException(folder + ": no such data folder (./kiln data makes one)");
    }
    Path file = folder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      throw new UserException(
          isEmpty(folder)
              ? folder + ": the data folder is empty, expected " + FILE
              : Files.isRegularFile(folder.resolve(Preparation.FILE))
                  ? folder + ": no " + FILE + ": its preparation did not finish; the same ./kiln data command goes on with it"
                  : folder + ": no " + FILE + ": not a Kiln data set");
    }
    try {
      JsonNode tree = MAPPER.readTree(Files.readAllBytes(file));
      String format = tree.path("format").asString("none");
      if (!format.equals(FORMAT)) {
        throw new UserException(file + ": format is " + format + ", expected " + FORMAT);
      }
      int version = tree.path("version").asInt(-1);
      if (version != BlockLayout.VERSION) {
        throw new UserException(
            file + ": data set has version " + version + ", this Kiln reads version " + BlockLayout.VERSION
                + "; make it again with ./kiln data");
      }
      return MAPPER.treeToValue(tree, Manifest.class).checked(file);
    } catch (IOException | JacksonException e) {
      throw new UserException(file + ": cannot be read: " + firstLine(e));
    }
  }

  private Manifest checked(Path file) {
    if (splits == null || blockSize < 1 || splits.values().stream().anyMatch(c -> c == null || c.files() == null)) {
      throw new UserException(file + ": cannot be read: expected splits with files, and a blockSize of at least 1");
    }
    return this;
  }

  /** Writes it aside, forces it to disk and renames it into the folder. */
  public void write(Path folder) throws IOException {
    Preparation.write(folder, FILE, MAPPER.writeValueAsBytes(this));
  }

  /**
   * @throws UserException if the data set has no such split
   */
  Contents contents(Path folder, Split split) {
    Contents contents = splits.get(split.folder());
    if (contents == null) {
      throw new UserException(folder + ": has no " + split.folder() + " split, only " + splits.keySet());
    }
    return contents;
  }

  private static boolean isEmpty(Path folder) {
    try (var entries = Files.list(folder)) {
      return entries.findAny().isEmpty();
    } catch (IOException e) {
      throw new UserException(folder + ": cannot be listed: " + firstLine(e));
    }
  }

  /** What an error says, in one line. */
  public static String firstLine(Throwable e) {
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return message.lines().findFirst().orElse(e.getClass().getSimpleName());
  }
}
