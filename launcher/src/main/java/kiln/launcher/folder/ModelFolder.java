package kiln.launcher.folder;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kiln.bindings.UserException;
import kiln.launcher.checkpoint.RunFolder;
import kiln.launcher.checkpoint.TrainingRecord;

/**
 * A model on disk, whoever wrote it. Opening reads the small files that say what there is; weights stay closed.
 *
 * @param path the model: of a run, its newest checkpoint
 * @param className of the pipeline; empty if nothing says it
 * @param components in the order of model_index.json; in a checkpoint, the moving averages ({@code ema/unet}) and the
 *     optimizer after them
 */
public record ModelFolder(Path path, Kind kind, String className, List<Component> components) {
  /** What a path is. */
  public enum Kind {
    CHECKPOINT("a checkpoint of Kiln"),
    PIPELINE("a pipeline folder of diffusers"),
    COMPONENT("a folder of one component"),
    INDEX("an index of several safetensors files"),
    FILE("a safetensors file");

    private final String description;

    Kind(String description) {
      this.description = description;
    }

    public String description() {
      return description;
    }
  }

  private static final String AVERAGE = "ema";
  private static final String OPTIMIZER = "optimizer";

  /** What checkpoints hold, in the order in which it is listed. */
  private static final List<String> PARTS = List.of("unet", "text_encoder", "vae", "scheduler", "tokenizer");

  /** What model_index.json may name although it is not there: Kiln has no use for it, and many leave it out. */
  private static final Set<String> DISPENSABLE = Set.of("safety_checker", "feature_extractor", "image_encoder");

  public ModelFolder {
    components = List.copyOf(components);
  }

  /**
   * Recognises a run of Kiln (and takes its newest checkpoint), a checkpoint, a pipeline folder of diffusers, the folder of
   * one component, a safetensors file, and an index of several.
   *
   * @throws UserException if it is none of them, lacks a component, or what describes it is damaged
   */
  public static ModelFolder open(Path path) {
    if (!Files.exists(path)) {
      throw new UserException(path + ": found nothing there, expected a model folder, a checkpoint or a safetensors file");
    }
    if (!Files.isDirectory(path)) {
      return file(path);
    }
    if (Files.isRegularFile(path.resolve(TrainingRecord.FILE))) {
      return checkpoint(path);
    }
    if (Files.isRegularFile(path.resolve(ModelIndex.FILE))) {
      return pipeline(path);
    }
    Optional<Path> latest = new RunFolder(path).latest();
    if (latest.isPresent()) {
      return checkpoint(latest.get());
    }
    if (ComponentReader.isComponent(path)) {
      Component component = ComponentReader.read(fileName(path), path, "");
      return new ModelFolder(path, Kind.COMPONENT, "", List.of(component));
    }
    throw new UserException(
        path + ": found neither model_index.json nor config.json nor a checkpoint nor a safetensors file, expected a model");
  }

  private static ModelFolder file(Path path) {
    String name = fileName(path);
    boolean index = name.endsWith(".json") && name.contains(".index");
    if (!index && !name.endsWith(".safetensors")) {
      throw new UserException(path + ": expected a folder, a .safetensors file or its .index.json, found another file");
    }
    Component component = new Component(name, ComponentKind.OTHER, "", path, Optional.empty(), List.of(path));
    return new ModelFolder(path, index ? Kind.INDEX : Kind.FILE, "", List.of(named(component)));
  }

  /** A file that is the weights of the configuration beside it is of that class. */
  private static Component named(Component file) {
    Path folder = file.path().toAbsolutePath().getParent();
    if (!Files.isRegularFile(folder.resolve(ComponentReader.CONFIG))) {
      return file;
    }
    Component network = ComponentReader.recognise(file.name(), folder, "");
    boolean counts = network.weights().stream().anyMatch(weights -> weights.equals(file.path().toAbsolutePath()));
    return counts
        ? new Component(file.name(), network.kind(), network.className(), file.path(), network.config(), file.weights())
        : file;
  }

  private static ModelFolder pipeline(Path path) {
    ModelIndex index = ModelIndex.read(path.resolve(ModelIndex.FILE));
    return new ModelFolder(path, Kind.PIPELINE, index.className(), listed(path, index));
  }

  private static List<Component> listed(Path path, ModelIndex index) {
    List<Component> components = new ArrayList<>();
    for (Map.Entry<String, String> entry : index.components().entrySet()) {
      String name = entry.getKey();
      Path folder = path.resolve(name);
      if (Files.isDirectory(folder)) {
        components.add(ComponentReader.read(name, folder, entry.getValue()));
      } else if (!DISPENSABLE.contains(name)) {
        String says = path.resolve(ModelIndex.FILE) + ": names " + name + " (" + entry.getValue() + ")";
        throw new UserException(says + ", found no folder " + folder);
      }
    }
    return components;
  }

  /** Its model_index.json counts if it has one; without one, whatever folders there are. */
  private static ModelFolder checkpoint(Path path) {
    List<Component> components = new ArrayList<>();
    String className = "";
    if (Files.isRegularFile(path.resolve(ModelIndex.FILE))) {
      ModelIndex index = ModelIndex.read(path.resolve(ModelIndex.FILE));
      className = index.className();
      components.addAll(listed(path, index));
    } else {
      components.addAll(present(path, ""));
    }
    if (components.isEmpty()) {
      throw new UserException(path + ": found " + TrainingRecord.FILE + " but no network, expected one of " + PARTS);
    }
    components.addAll(present(path.resolve(AVERAGE), AVERAGE + "/"));
    Path optimizer = path.resolve(OPTIMIZER);
    if (Files.isDirectory(optimizer)) {
      Component moments = ComponentReader.read(OPTIMIZER, optimizer, "");
      components.add(
          new Component(OPTIMIZER, ComponentKind.OPTIMIZER, "", optimizer, Optional.empty(), moments.weights()));
    }
    return new ModelFolder(path, Kind.CHECKPOINT, className, components);
  }

  private static List<Component> present(Path folder, String prefix) {
    return PARTS.stream()
        .filter(name -> Files.isDirectory(folder.resolve(name)))
        .map(name -> ComponentReader.read(prefix + name, folder.resolve(name), ""))
        .toList();
  }

  private static String fileName(Path path) {
    return path.toAbsolutePath().normalize().getFileName().toString();
  }

  /** The component of that name; a folder of one component has it by whatever its kind is usually called. */
  public Optional<Component> find(String name) {
    return components.stream()
        .filter(c -> c.name().equals(name) || (kind == Kind.COMPONENT && c.kind().role().equals(name)))
        .findFirst();
  }

  /**
   * As {@link #find}.
   *
   * @throws UserException if there is none
   */
  public Component require(String name) {
    return find(name)
        .orElseThrow(
            () -> {
              String found = components.stream().map(Component::name).collect(Collectors.joining(", "));
              return new UserException(path + ": found no " + name + " among " + found + ", expected one");
            });
  }

  /**
   * The component of that name, which must be of one of these kinds.
   *
   * @throws UserException if there is none, or it is of another
   */
  public Component require(String name, ComponentKind... kinds) {
    Component component = require(name);
    if (!Set.of(kinds).contains(component.kind())) {
      String expected = Arrays.stream(kinds).map(Enum::name).collect(Collectors.joining(" or "));
      String found = component.className().isEmpty() ? component.kind().name() : component.className();
      throw new UserException(component.path() + ": found a " + found + ", expected " + expected);
    }
    return component;
  }

  /** The model with the moving averages in the place of the weights of the last step; itself if it has none. */
  public ModelFolder averaged() {
    List<Component> averaged =
        components.stream()
            .filter(c -> !isAverage(c))
            .map(c -> find(AVERAGE + "/" + c.name()).map(average -> average.withName(c.name())).orElse(c))
            .toList();
    return new ModelFolder(path, kind, className, averaged);
  }

  /** The model without moving averages: the weights as the last step left them. */
  public ModelFolder raw() {
    Stream<Component> raw = components.stream().filter(c -> !isAverage(c));
    return new ModelFolder(path, kind, className, raw.toList());
  }

  private static boolean isAverage(Component component) {
    return component.name().startsWith(AVERAGE + "/");
  }
}
