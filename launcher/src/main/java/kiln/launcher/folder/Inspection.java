package kiln.launcher.folder;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import kiln.bindings.UserException;
import kiln.launcher.checkpoint.TrainingRecord;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a model folder or file is and holds.
 *
 * @param components in the order of the folder
 */
public record Inspection(ModelFolder folder, List<ComponentReport> components) {
  public Inspection {
    components = List.copyOf(components);
  }

  /**
   * Reads the headers of all weight files.
   *
   * @throws UserException if one is malformed, or one that an index names is missing
   */
  public static Inspection of(ModelFolder folder) {
    return new Inspection(folder, folder.components().stream().map(ComponentReport::of).toList());
  }

  /** What it is, in a few words. */
  public String description() {
    String what = folder.kind().description();
    return switch (folder.kind()) {
      case CHECKPOINT -> {
        TrainingRecord record = TrainingRecord.read(folder.path());
        yield what + ": preset " + record.preset().name() + ", step " + record.step() + ", " + record.samplesSeen()
            + " samples seen";
      }
      case PIPELINE -> what + ": " + folder.className();
      case COMPONENT, INDEX, FILE -> {
        String className = folder.components().getFirst().className();
        yield className.isEmpty() ? what : what + ": " + className;
      }
    };
  }

  /** The same as JSON: numbers exact, files relative to the folder, and every tensor if {@code tensors}. */
  public ObjectNode toJson(boolean tensors) {
    ObjectNode json = JsonFile.MAPPER.createObjectNode();
    json.put("path", folder.path().toString());
    json.put("kind", folder.kind().name().toLowerCase(Locale.ROOT));
    json.put("description", description());
    json.put("class", folder.className());
    ArrayNode list = json.putArray("components");
    components.forEach(report -> list.add(toJson(report, tensors)));
    return json;
  }

  private ObjectNode toJson(ComponentReport report, boolean tensors) {
    Component component = report.component();
    ObjectNode json = JsonFile.MAPPER.createObjectNode();
    json.put("name", component.name());
    json.put("class", component.className());
    json.put("config", component.config().map(this::relative).orElse(null));
    json.put("parameters", report.parameters());
    json.put("tensors", report.tensors().size());
    ObjectNode types = json.putObject("dtypes");
    report.types().forEach((type, count) -> types.put(type.name(), count));
    json.put("bytes", report.bytes());
    ArrayNode files = json.putArray("files");
    report.files().forEach(file -> files.add(relative(file)));
    ObjectNode metadata = json.putObject("metadata");
    report.metadata().forEach(metadata::put);
    json.put("problem", report.problem().orElse(null));
    if (tensors) {
      ArrayNode table = json.putArray("table");
      for (ComponentReport.Tensor tensor : report.tensors()) {
        ObjectNode row = table.addObject();
        row.put("name", tensor.entry().name()).put("dtype", tensor.entry().type().name());
        ArrayNode shape = row.putArray("shape");
        tensor.entry().dims().forEach(shape::add);
        row.put("bytes", tensor.entry().bytes());
        if (tensor.files().size() == 1) {
          row.put("file", relative(tensor.files().getFirst())).put("offset", tensor.entry().offset());
        } else {
          ArrayNode pieces = row.putArray("files");
          tensor.files().forEach(file -> pieces.add(relative(file)));
        }
      }
    }
    return json;
  }

  /** A file's name from the folder on; of a single file or index, from its folder on. */
  public String relative(Path file) {
    Path path = folder.path().toAbsolutePath();
    return (Files.isDirectory(path) ? path : path.getParent()).relativize(file.toAbsolutePath()).toString();
  }
}
