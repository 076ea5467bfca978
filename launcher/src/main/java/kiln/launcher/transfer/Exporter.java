package kiln.launcher.transfer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import kiln.bindings.UserException;
import kiln.launcher.checkpoint.DurableFiles;
import kiln.launcher.folder.Component;
import kiln.launcher.folder.ModelFolder;
import kiln.launcher.pipeline.ByT5TokenizerFiles;
import kiln.launcher.pipeline.PipelineDocuments;
import kiln.launcher.preset.PresetJson;
import kiln.model.weights.SafetensorsWriter.Tensor;
import kiln.model.weights.WeightSource;
import tools.jackson.databind.node.ObjectNode;

/**
 * What {@code kiln export} does: the networks of a checkpoint, without what only training needs, as a pipeline folder of
 * diffusers. The checkpoint of an autoencoder becomes the folder of that one network.
 *
 * @param averaged whether to take the moving averages of the weights, or the weights of the last step
 * @param report takes a line for every network
 */
public record Exporter(boolean averaged, NetworkOutput output, Consumer<String> report) {
  /**
   * @param from a run, whose newest checkpoint is taken, or a checkpoint
   * @param to the new folder
   * @throws UserException if {@code from} is none or damaged, {@code to} is there, a number does not fit into the type, or
   *     the file system refuses; nothing is left then
   */
  public void export(Path from, Path to) {
    ModelFolder all = open(from);
    ModelFolder model = averaged ? all.averaged() : all.raw();
    List<Component> networks = model.components().stream().filter(component -> component.kind().isNetwork()).toList();
    NewFolder.write(to, folder -> write(model, networks, folder));
  }

  private static ModelFolder open(Path from) {
    ModelFolder model;
    try {
      model = ModelFolder.open(from);
    } catch (UserException e) {
      throw new UserException("option --checkpoint: " + e.getMessage(), e);
    }
    if (model.kind() != ModelFolder.Kind.CHECKPOINT) {
      throw new UserException(
          "option --checkpoint: " + from + ": expected a run or a checkpoint, found " + model.kind().description());
    }
    return model;
  }

  private void write(ModelFolder model, List<Component> networks, Path folder) throws IOException {
    if (networks.size() == 1) {
      write(networks.getFirst(), folder);
      return;
    }
    Map<String, ObjectNode> configs = new TreeMap<>();
    for (Component network : networks) {
      configs.put(network.name(), write(network, folder.resolve(network.name())));
    }
    ObjectNode scheduler = json(model.require(PipelineDocuments.SCHEDULER).requireConfig());
    Map<String, ObjectNode> documents = PipelineDocuments.of(configs, scheduler, ByT5TokenizerFiles.PUBLISHED_LENGTH);
    Component tokenizer = model.find(ByT5TokenizerFiles.FOLDER).orElse(null);
    if (tokenizer != null) { // checkpoints of earlier versions have none
      documents.keySet().removeIf(file -> file.startsWith(ByT5TokenizerFiles.FOLDER + "/"));
      copy(tokenizer.path(), folder.resolve(ByT5TokenizerFiles.FOLDER));
    }
    NewFolder.writeDocuments(folder, documents);
  }

  private ObjectNode write(Component network, Path into) throws IOException {
    ObjectNode config = json(network.requireConfig());
    try (WeightSource source = WeightSource.open(network.path())) {
      List<Tensor> tensors = source.tensors().keySet().stream().map(source::tensor).toList();
      report.accept(network.name() + ": " + output.write(into, config, tensors));
    }
    return config;
  }

  private static ObjectNode json(Path file) {
    return PresetJson.MAPPER.readTree(file).asObject();
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        DurableFiles.write(to.resolve(file.getFileName().toString()), Files.readAllBytes(file));
      }
    }
  }
}
