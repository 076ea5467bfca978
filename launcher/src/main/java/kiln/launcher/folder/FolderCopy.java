package kiln.launcher.folder;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kiln.launcher.checkpoint.DurableFiles;
import kiln.model.weights.SafetensorsType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Copies a model's folder without its weights: configurations, tokenizers, notes. The {@code torch_dtype} (or {@code dtype})
 * in a configuration of transformers becomes that of the new weights. Left out are hidden files, and weights that are not
 * the model's: other variants, pickles, other forms of the whole model; they are reported.
 *
 * @param report takes the names of what is left out
 */
record FolderCopy(ModelFolder model, SafetensorsType dtype, Consumer<String> report) {
  private static final Pattern WEIGHTS =
      Pattern.compile("(?i).*\\.(safetensors|safetensors\\.index.*\\.json|bin|ckpt|pt|pth)");

  /** transformers' names of types. */
  private static final Map<SafetensorsType, String> NAMES =
      Map.of(SafetensorsType.F32, "float32", SafetensorsType.F16, "float16", SafetensorsType.BF16, "bfloat16");

  /** {@code to} is an empty folder. */
  void copyTo(Path to) throws IOException {
    Set<Path> converted =
        model.components().stream()
            .flatMap(component -> component.weights().stream())
            .flatMap(FolderCopy::withShards)
            .collect(Collectors.toSet());
    Set<Path> configs = model.components().stream().flatMap(c -> c.config().stream()).collect(Collectors.toSet());
    Files.walkFileTree(
        model.path(),
        EnumSet.of(FileVisitOption.FOLLOW_LINKS), // a cache of Hugging Face holds links
        Integer.MAX_VALUE,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
            if (!folder.equals(model.path()) && isHidden(folder)) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            Files.createDirectories(place(to, folder));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            String name = file.getFileName().toString();
            if (converted.contains(file) || isHidden(file)) {
              return FileVisitResult.CONTINUE;
            }
            if (WEIGHTS.matcher(name).matches()) {
              report.accept("left out: " + model.path().relativize(file));
            } else if (configs.contains(file) && file.endsWith(ComponentReader.CONFIG)) {
              DurableFiles.write(place(to, file), withType(file));
            } else {
              DurableFiles.copy(file, place(to, file));
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private Path place(Path to, Path path) {
    return to.resolve(model.path().relativize(path));
  }

  private static boolean isHidden(Path path) {
    return path.getFileName().toString().startsWith(".");
  }

  /** A file of weights and, of an index, those that it joins. */
  private static Stream<Path> withShards(Path weights) {
    return Stream.concat(Stream.of(weights), ComponentReport.files(weights).stream());
  }

  private byte[] withType(Path file) throws IOException {
    ObjectNode json = JsonFile.read(file);
    boolean changed = setType(json);
    return changed ? JsonFile.MAPPER.writeValueAsBytes(json) : Files.readAllBytes(file);
  }

  /** In the object and those in it: configurations of several networks nest. */
  private boolean setType(ObjectNode json) {
    boolean changed = false;
    for (String field : Set.copyOf(json.propertyNames())) {
      JsonNode value = json.get(field);
      if (value instanceof ObjectNode inner) {
        changed |= setType(inner);
      } else if ((field.equals("torch_dtype") || field.equals("dtype")) && value.isString()) {
        json.put(field, NAMES.get(dtype));
        changed = true;
      }
    }
    return changed;
  }
}
