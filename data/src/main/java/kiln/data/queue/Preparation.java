package kiln.data.queue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import kiln.bindings.UserException;
import kiln.data.BucketTable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * What {@code preparation.json} says: with what a data set is being made, or was. It is there before the first block, so that the
 * same command can go on after it was stopped, and another one cannot.
 *
 * @param format always {@link #FORMAT}
 * @param version of the blocks, {@link BlockLayout#VERSION}
 * @param source what makes it
 * @param settings all options that decide what the source gives
 * @param notes what else the source depends on, such as the fonts of the machine
 * @param blockSize samples per block
 * @param sizes image sizes of the buckets, as in {@code 256x192}: height, then width
 * @param captionLengths of the buckets
 * @param writers how many queues each split has
 * @param apart whether each writer is a process of its own, with its own share of the source's drafts
 */
public record Preparation(
    String format,
    int version,
    String source,
    Map<String, Object> settings,
    Map<String, Object> notes,
    int blockSize,
    List<String> sizes,
    List<Integer> captionLengths,
    int writers,
    boolean apart) {
  public static final String FILE = "preparation.json";
  public static final String FORMAT = "kiln-preparation";

  private static final JsonMapper MAPPER = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /** The file that says that a writer that prepares apart is done, until all are. */
  public static String result(int writer) {
    return "writer-" + writer + ".json";
  }

  public static Preparation of(
      String source,
      Map<String, Object> settings,
      Map<String, Object> notes,
      int blockSize,
      BucketTable buckets,
      int writers,
      boolean apart) {
    List<String> sizes = buckets.sizes().stream().map(size -> size.height() + "x" + size.width()).toList();
    return new Preparation(
        FORMAT, BlockLayout.VERSION, source, settings, notes, blockSize, sizes, buckets.captionLengths(), writers, apart);
  }

  /**
   * @return empty if the folder has none
   * @throws UserException if the file cannot be read, or is of another version
   */
  public static Optional<Preparation> read(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      JsonNode tree = MAPPER.readTree(Files.readAllBytes(file));
      String format = tree.path("format").asString("none");
      int version = tree.path("version").asInt(-1);
      if (!format.equals(FORMAT) || version != BlockLayout.VERSION) {
        throw new UserException(
            file + ": expected format " + FORMAT + " version " + BlockLayout.VERSION + ", found " + format + " version " + version
                + "; give --out another folder");
      }
      return Optional.of(MAPPER.treeToValue(tree, Preparation.class));
    } catch (IOException | JacksonException e) {
      throw new UserException(file + ": cannot be read: " + Manifest.firstLine(e));
    }
  }

  /** Writes it aside, forces it to disk and renames it into the folder. */
  public void write(Path folder) throws IOException {
    write(folder, FILE, MAPPER.writeValueAsBytes(this));
  }

  /** A file that is there as a whole or not at all. */
  public static void write(Path folder, String name, byte[] content) throws IOException {
    Path aside = folder.resolve(name + ".part");
    Files.write(aside, content);
    try (FileChannel channel = FileChannel.open(aside, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(aside, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * The first thing in which another preparation is not this one, in words.
   *
   * @param other what is wanted now
   */
  public Optional<String> difference(Preparation other) {
    JsonNode begun = MAPPER.readTree(MAPPER.writeValueAsBytes(this));
    JsonNode wanted = MAPPER.readTree(MAPPER.writeValueAsBytes(other));
    return difference("", begun, wanted);
  }

  private static Optional<String> difference(String path, JsonNode begun, JsonNode wanted) {
    if (begun.equals(wanted)) {
      return Optional.empty();
    }
    if (begun.isObject() && wanted.isObject()) {
      TreeSet<String> names = new TreeSet<>(begun.propertyNames());
      names.addAll(wanted.propertyNames());
      List<String> found = new ArrayList<>();
      for (String name : names) {
        JsonNode none = JsonNodeFactory.instance.stringNode("nothing");
        JsonNode one = begun.has(name) ? begun.get(name) : none;
        JsonNode two = wanted.has(name) ? wanted.get(name) : none;
        difference(path.isEmpty() ? name : path + "." + name, one, two).ifPresent(found::add);
      }
      return found.stream().findFirst();
    }
    return Optional.of(path + " was " + brief(begun) + " and is now " + brief(wanted));
  }

  private static String brief(JsonNode value) {
    String text = value.toString();
    return text.length() <= 60 ? text : text.substring(0, 60) + "…";
  }

  /** The buckets' sizes and caption lengths. */
  public BucketTable buckets() {
    List<BucketTable.Size> all = new ArrayList<>();
    for (String size : sizes) {
      String[] sides = size.split("x", 2);
      all.add(new BucketTable.Size(Integer.parseInt(sides[0]), Integer.parseInt(sides[1])));
    }
    return new BucketTable(all, captionLengths);
  }
}
