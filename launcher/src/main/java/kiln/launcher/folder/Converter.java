package kiln.launcher.folder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;
import kiln.bindings.UserException;
import kiln.launcher.checkpoint.DurableFiles;
import kiln.model.weights.SafetensorsFile;
import kiln.model.weights.SafetensorsType;
import kiln.model.weights.SafetensorsWriter;
import kiln.model.weights.WeightFiles;
import kiln.model.weights.WeightFinder;
import kiln.model.weights.WeightSource;

/**
 * Writes a model anew with its floating-point tensors in another type; integers stay as they are. What it makes is there
 * whole or not at all: it is made beside its place and renamed.
 *
 * @param dtype F32, F16 or BF16
 * @param maxShardBytes bytes of tensors per file; empty for what the library of the model's configuration writes
 * @param report takes a line for every part when it is done
 */
public record Converter(SafetensorsType dtype, OptionalLong maxShardBytes, Consumer<String> report) {
  private static final String SUFFIX = ".safetensors";

  /**
   * A file or an index becomes the file {@code to} if that ends in {@code .safetensors}, else files in the folder {@code to};
   * a folder becomes a folder, with whatever else it holds (see {@link FolderCopy}).
   *
   * @throws UserException if {@code from} is no model, or a checkpoint; if {@code to} is there; if a number does not fit
   *     into {@code dtype}; if the file system refuses
   */
  public void convert(Path from, Path to) {
    ModelFolder model = ModelFolder.open(from);
    if (model.kind() == ModelFolder.Kind.CHECKPOINT) {
      throw new UserException(
          from + ": found " + model.kind().description() + ", expected a model's folder or file (./kiln export makes one)");
    }
    if (Files.exists(to)) {
      throw new UserException(to + ": found something there, expected a new name");
    }
    boolean single = model.kind() == ModelFolder.Kind.FILE || model.kind() == ModelFolder.Kind.INDEX;
    if (single && to.toString().endsWith(SUFFIX)) {
      file(model, to);
    } else if (to.toAbsolutePath().normalize().startsWith(real(from))) {
      throw new UserException(to + ": found in " + from + ", expected a place outside of what is converted");
    } else {
      folder(model, to);
    }
  }

  private void file(ModelFolder model, Path to) {
    if (maxShardBytes.isPresent()) {
      throw new UserException(to + ": found the name of one file, expected a folder's with --max-shard-size");
    }
    try (WeightSource source = WeightSource.open(model.components().getFirst().weights().getFirst())) {
      Map<String, String> metadata = new HashMap<>();
      for (SafetensorsFile file : source.files()) {
        metadata.putAll(file.metadata());
      }
      Path parent = to.toAbsolutePath().getParent();
      Files.createDirectories(parent);
      SafetensorsWriter.write(to, metadata, tensors(source).stream().map(tensor -> tensor.as(dtype)).toList());
      DurableFiles.force(parent);
      say(to.getFileName().toString(), source, List.of(to));
    } catch (IOException e) {
      throw unwritable(to, e);
    }
  }

  private void folder(ModelFolder model, Path to) {
    Path parent = to.toAbsolutePath().normalize().getParent();
    Path aside = parent.resolve("." + to.getFileName() + ".partial");
    try {
      DurableFiles.deleteTree(aside);
      Files.createDirectories(aside);
      if (Files.isDirectory(model.path())) {
        new FolderCopy(model, dtype, report).copyTo(aside);
      }
      for (Component component : model.components()) {
        Path into = Files.isDirectory(component.path()) ? model.path().relativize(component.path()) : Path.of("");
        for (Path weights : component.weights()) {
          weights(component, weights, Files.createDirectories(aside.resolve(into)));
        }
      }
      DurableFiles.forceTree(aside);
      DurableFiles.rename(aside, to.toAbsolutePath());
    } catch (IOException e) {
      discard(aside, e);
      throw unwritable(to, e);
    } catch (RuntimeException e) {
      discard(aside, e);
      throw e;
    }
  }

  private void weights(Component component, Path weights, Path into) {
    String stem = stem(weights.getFileName().toString());
    boolean diffusers = stem.equals(WeightFinder.DIFFUSERS_STEM);
    long usual = diffusers ? WeightFiles.DIFFUSERS_SHARD_BYTES : WeightFiles.TRANSFORMERS_SHARD_BYTES;
    try (WeightSource source = WeightSource.open(weights)) {
      say(component.name(), source, WeightFiles.write(into, stem, tensors(source), dtype, maxShardBytes.orElse(usual)));
    }
  }

  private static List<SafetensorsWriter.Tensor> tensors(WeightSource source) {
    return source.tensors().keySet().stream().map(source::tensor).toList();
  }

  /** What the new files are called: without the variant, which is that of the old type, and without a shard's number. */
  private static String stem(String file) {
    for (String stem : List.of(WeightFinder.DIFFUSERS_STEM, WeightFinder.TRANSFORMERS_STEM)) {
      if (file.startsWith(stem + ".")) {
        return stem;
      }
    }
    return file.substring(0, file.indexOf(SUFFIX));
  }

  private void say(String name, WeightSource source, List<Path> written) {
    long bytes = 0;
    List<String> names = new ArrayList<>();
    for (Path file : written) {
      try (SafetensorsFile made = SafetensorsFile.open(file)) {
        bytes += made.tensors().values().stream().mapToLong(entry -> entry.bytes()).sum();
      }
      names.add(file.getFileName().toString());
    }
    String files = names.size() == 1 ? names.getFirst() : names.size() + " files";
    int tensors = source.tensors().size();
    report.accept(String.format(Locale.ROOT, "%s: %,d tensors, %,d bytes in %s", name, tensors, bytes, files));
  }

  private static Path real(Path path) {
    return path.toAbsolutePath().normalize();
  }

  private static void discard(Path aside, Exception cause) {
    try {
      DurableFiles.deleteTree(aside);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  private static UserException unwritable(Path to, IOException e) {
    return new UserException(to + ": cannot be written (" + e.getMessage() + ")", e);
  }
}
