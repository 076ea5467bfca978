package kiln.launcher.folder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import kiln.bindings.UserException;
import kiln.model.weights.WeightFinder;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Says what one folder of a model is, from its configuration file and the names of its weight files. */
final class ComponentReader {
  static final String CONFIG = "config.json";
  private static final String SCHEDULER_CONFIG = "scheduler_config.json";
  private static final String TOKENIZER_CONFIG = "tokenizer_config.json";
  private static final String INDEX = ".safetensors.index.json";
  private static final Pattern WEIGHTS = Pattern.compile(".*\\.safetensors(\\.index\\.json)?");
  private static final Pattern SHARD = Pattern.compile("(.*)-\\d{5}-of-\\d{5}\\.safetensors");

  private ComponentReader() {}

  /** Whether a folder holds one component. */
  static boolean isComponent(Path folder) {
    return Stream.of(CONFIG, SCHEDULER_CONFIG, TOKENIZER_CONFIG).anyMatch(file -> Files.isRegularFile(folder.resolve(file)))
        || !safetensors(folder).isEmpty();
  }

  /**
   * @param expectedClass what model_index.json says; empty if nothing says it
   * @throws UserException if a network lacks its configuration or weights, or is of another class than expected
   */
  static Component read(String name, Path folder, String expectedClass) {
    Component component = recognise(name, folder, expectedClass);
    if (component.kind().isNetwork() && component.weights().isEmpty()) {
      WeightFinder.find(folder); // says what is there instead
    }
    return component;
  }

  /** As {@link #read}, of a folder that may be without weights. */
  static Component recognise(String name, Path folder, String expectedClass) {
    Path config = folder.resolve(CONFIG);
    if (Files.isRegularFile(folder.resolve(SCHEDULER_CONFIG))) {
      return scheduler(name, folder, expectedClass);
    }
    if (!Files.isRegularFile(config) && Files.isRegularFile(folder.resolve(TOKENIZER_CONFIG))) {
      return tokenizer(name, folder, expectedClass);
    }
    if (!Files.isRegularFile(config)) {
      if (ComponentKind.ofClass(expectedClass).isNetwork() || expectedClass.endsWith("Scheduler")) {
        String file = expectedClass.endsWith("Scheduler") ? SCHEDULER_CONFIG : CONFIG;
        throw new UserException(folder + ": found no " + file + ", expected that of " + expectedClass);
      }
      return new Component(name, ComponentKind.OTHER, expectedClass, folder, Optional.empty(), weights(folder, false));
    }
    ObjectNode json = JsonFile.read(config);
    String diffusers = JsonFile.text(json, "_class_name");
    boolean isDiffusers = !diffusers.isEmpty();
    if (isDiffusers && !expectedClass.isEmpty() && !diffusers.equals(expectedClass)) {
      String index = folder.resolveSibling(ModelIndex.FILE).toString();
      String expected = ", expected " + expectedClass + " as " + index + " says";
      throw new UserException(config + ": found class " + diffusers + expected);
    }
    String className = isDiffusers ? diffusers : expectedClass.isEmpty() ? architecture(json) : expectedClass;
    ComponentKind kind =
        isDiffusers
            ? ComponentKind.ofClass(className)
            : ComponentKind.ofTransformers(JsonFile.text(json, "model_type"), className);
    return new Component(name, kind, className, folder, Optional.of(config), weights(folder, kind.isNetwork()));
  }

  private static Component scheduler(String name, Path folder, String expectedClass) {
    Path config = folder.resolve(SCHEDULER_CONFIG);
    String own = JsonFile.text(JsonFile.read(config), "_class_name");
    String className = own.isEmpty() ? expectedClass : own;
    return new Component(name, ComponentKind.SCHEDULER, className, folder, Optional.of(config), List.of());
  }

  private static Component tokenizer(String name, Path folder, String expectedClass) {
    Path config = folder.resolve(TOKENIZER_CONFIG);
    String own = JsonFile.text(JsonFile.read(config), "tokenizer_class");
    String className = expectedClass.isEmpty() ? own : expectedClass;
    return new Component(name, ComponentKind.TOKENIZER, className, folder, Optional.of(config), List.of());
  }

  /** The first of transformers' {@code architectures}; empty if there is none. */
  private static String architecture(ObjectNode json) {
    JsonNode first = json.path("architectures").path(0);
    return first.isString() ? first.stringValue() : "";
  }

  /** The weight files of a folder: for a network the one file or index that counts, else all. */
  private static List<Path> weights(Path folder, boolean network) {
    Optional<Path> one = WeightFinder.findIn(folder);
    return one.isPresent() || network ? one.stream().toList() : safetensors(folder);
  }

  /** All of them; of several that an index joins, the index. */
  private static List<Path> safetensors(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      List<Path> files = entries.filter(file -> WEIGHTS.matcher(file.toString()).matches()).sorted().toList();
      return files.stream().filter(file -> !isJoined(file) && Files.isRegularFile(file)).toList();
    } catch (IOException e) {
      throw new UserException(folder + ": cannot be read (" + e.getMessage() + "), expected a folder of a model", e);
    }
  }

  private static boolean isJoined(Path file) {
    Matcher shard = SHARD.matcher(file.getFileName().toString());
    return shard.matches() && Files.isRegularFile(file.resolveSibling(shard.group(1) + INDEX));
  }
}
