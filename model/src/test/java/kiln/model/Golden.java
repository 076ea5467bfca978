package kiln.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reference values from published implementations. They lie in the classpath folder {@code golden/}; {@code -Dkiln.golden=DIR}
 * names another folder of the same layout.
 */
public final class Golden {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Golden() {}

  /** A folder of golden files: {@code ops}, {@code unet_sd21}, … */
  public static Path folder(String name) {
    return path(name);
  }

  /**
   * A golden file or folder.
   *
   * @throws IllegalStateException if it is not there
   */
  public static Path path(String name) {
    String override = System.getProperty("kiln.golden");
    Path path = override == null ? onClasspath("golden/" + name) : overriding(override).resolve(name);
    if (!Files.exists(path)) {
      throw new IllegalStateException("no golden file " + path.toAbsolutePath());
    }
    return path;
  }

  /**
   * A classpath file or folder that a script in bench/peers has written, such as {@code golden-unet}; never overridden.
   *
   * @throws IllegalStateException if it is not there
   */
  public static Path peer(String name) {
    return onClasspath(name);
  }

  public static JsonNode json(String name) {
    return JSON.readTree(path(name));
  }

  public static GoldenTensors tensors(String name) {
    return new GoldenTensors(path(name));
  }

  public static GoldenTensors tensors(Path file) {
    return new GoldenTensors(file);
  }

  /** The bounds that lie in {@code folder}. */
  public static Tolerances tolerances(Path folder) {
    return new Tolerances(JSON.readTree(folder.resolve("tolerances.json")).path("cases"));
  }

  public static Tolerances tolerances() {
    return new Tolerances(json("tolerances.json").path("cases"));
  }

  /** Reorders [N, C, …] to [N, …, C]. */
  public static float[] channelsLast(float[] values, int... shape) {
    int inner = inner(shape);
    float[] result = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      int n = i / (shape[1] * inner);
      int c = i / inner % shape[1];
      result[(n * inner + i % inner) * shape[1] + c] = values[i];
    }
    return result;
  }

  /** Reorders [N, …, C] to [N, C, …]; {@code shape} is the shape of the result. */
  public static float[] channelsFirst(float[] values, int... shape) {
    int inner = inner(shape);
    float[] result = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      int n = i / (shape[1] * inner);
      int c = i / inner % shape[1];
      result[i] = values[(n * inner + i % inner) * shape[1] + c];
    }
    return result;
  }

  private static int inner(int... shape) {
    int product = 1;
    for (int axis = 2; axis < shape.length; axis++) {
      product *= shape[axis];
    }
    return product;
  }

  /** A relative folder is meant from where the build was started, not from the module. */
  private static Path overriding(String folder) {
    Path start = Path.of(System.getProperty("kiln.root", ""));
    return start.resolve(folder);
  }

  private static Path onClasspath(String name) {
    URL url = Golden.class.getClassLoader().getResource(name);
    if (url == null) {
      throw new IllegalStateException("no classpath resource " + name);
    }
    try {
      URI uri = url.toURI();
      return uri.getScheme().equals("file") ? Path.of(uri) : unpack(uri, name);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Golden files are mapped into memory, which needs real files: copies those of a jar to a folder that goes with the JVM. */
  private static Path unpack(URI uri, String name) throws IOException {
    Path target = Files.createTempDirectory("kiln-golden").resolve(name);
    try (FileSystem jar = FileSystems.newFileSystem(uri, Map.of());
        Stream<Path> tree = Files.walk(jar.getPath(name))) {
      Files.createDirectories(target.getParent());
      for (Path source : (Iterable<Path>) tree::iterator) {
        String relative = jar.getPath(name).relativize(source).toString();
        Path copy = relative.isEmpty() ? target : target.resolve(relative);
        Files.copy(source, copy);
        copy.toFile().deleteOnExit();
      }
    }
    return target;
  }

  /** The texts of a JSON list. */
  public static List<String> texts(JsonNode list) {
    return list.valueStream().map(JsonNode::stringValue).toList();
  }

  /** The numbers of a JSON list. */
  public static int[] ints(JsonNode list) {
    return list.valueStream().mapToInt(JsonNode::intValue).toArray();
  }
}
