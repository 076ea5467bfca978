package kiln.model.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import kiln.bindings.UserException;

/**
 * Finds the weights of a network in its folder as the Hugging Face libraries name them: {@code model} by transformers,
 * {@code diffusion_pytorch_model} by diffusers, each a single file, or an index of several. A variant ({@code
 * model.fp16.safetensors}) is taken where nothing else is there.
 */
public final class WeightFinder {
  /** Stem of the files of transformers. */
  public static final String TRANSFORMERS_STEM = "model";

  /** Stem of the files of diffusers. */
  public static final String DIFFUSERS_STEM = "diffusion_pytorch_model";

  /** Ends the name of a file of tensors. */
  public static final String SUFFIX = ".safetensors";
  /** Ends the name of what joins several. */
  public static final String INDEX_SUFFIX = ".safetensors.index.json";

  private static final List<String> STEMS = List.of(DIFFUSERS_STEM, TRANSFORMERS_STEM);

  /** {@code model.fp16.safetensors}; {@code .index.fp16.json} and {@code .fp16.index.json} have both been written. */
  private static final Pattern VARIANT =
      Pattern.compile(
          "(" + String.join("|", STEMS) + ")\\."
              + "(\\w+\\.safetensors|safetensors\\.index\\.\\w+\\.json|safetensors\\.\\w+\\.index\\.json)");

  /** Files that are, or hold, Python pickles. */
  private static final Pattern PICKLE = Pattern.compile("(?i).*\\.(bin|ckpt|pt|pth|pkl)");

  private WeightFinder() {}

  /**
   * The file of weights that {@code from} means: itself if it is no folder, else the one in it.
   *
   * @throws UserException if it is a pickle, or a folder with no weights, only pickles, or several variants
   */
  public static Path find(Path from) {
    if (!Files.isDirectory(from)) {
      refusePickle(from, from.getFileName().toString());
      return from;
    }
    return findIn(from).orElseThrow(() -> {
      list(from).stream().filter(name -> PICKLE.matcher(name).matches()).findFirst().ifPresent(n -> refusePickle(from, n));
      String expected = String.join(SUFFIX + ", ", STEMS) + SUFFIX + " or an " + INDEX_SUFFIX.substring(SUFFIX.length());
      return new UserException(from + ": found no weight file, expected " + expected);
    });
  }

  /**
   * The file of weights in {@code folder}, if there is one.
   *
   * @throws UserException if there are only variants, and several of them
   */
  public static Optional<Path> findIn(Path folder) {
    for (String stem : STEMS) {
      Optional<Path> found = findIn(folder, stem);
      if (found.isPresent()) {
        return found;
      }
    }
    List<String> variants = list(folder).stream().filter(name -> VARIANT.matcher(name).matches()).toList();
    if (variants.size() > 1) {
      throw new UserException(folder + ": found " + variants + ", expected one of them, or name the file");
    }
    return variants.stream().findFirst().map(folder::resolve);
  }

  /**
   * The file {@code STEM.safetensors} in {@code folder}, or the index of several.
   *
   * @throws UserException if there is neither
   */
  public static Path find(Path folder, String stem) {
    return findIn(folder, stem).orElseThrow(() -> {
      String expected = stem + SUFFIX + " or " + stem + INDEX_SUFFIX;
      return new UserException(folder + ": found no weight file of that name, expected " + expected);
    });
  }

  private static Optional<Path> findIn(Path folder, String stem) {
    return Stream.of(SUFFIX, INDEX_SUFFIX).map(suffix -> folder.resolve(stem + suffix)).filter(Files::exists).findFirst();
  }

  private static void refusePickle(Path from, String name) {
    if (PICKLE.matcher(name).matches()) {
      throw new UserException(
          from + ": found " + name + ", a pickle, which can run code when it is read; expected safetensors (save the model"
              + " with safe_serialization=True where it was made)");
    }
  }

  private static List<String> list(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new UserException(folder + ": cannot be read (" + e.getMessage() + "), expected a folder of weights", e);
    }
  }
}
