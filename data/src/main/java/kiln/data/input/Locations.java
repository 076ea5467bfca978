package kiln.data.input;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import kiln.bindings.UserException;

/** What users write for many files at once. */
public final class Locations {
  private static final String WILD = "*?[";

  private Locations() {}

  /**
   * All locations of patterns, in their order: braces are expanded everywhere; a local folder stands for the files right in it
   * whose names have one of {@code endings}; {@code *}, {@code ?} and {@code […]} in a local path match names, and <code>**</code>
   * folders of any depth. Files of folders and matches come sorted by name.
   *
   * @throws UserException if a pattern matches nothing, or names a local file that is not there; of names made from braces, some
   *     may be missing
   */
  public static List<String> expand(List<String> patterns, List<String> endings) {
    List<String> all = new ArrayList<>();
    for (String pattern : patterns) {
      List<String> names = isThere(pattern) ? List.of(pattern) : Braces.expand(pattern);
      for (String name : names) {
        if (Inputs.isLocal(name)) {
          all.addAll(local(name, endings, names.size() == 1));
        } else {
          all.add(name);
        }
      }
    }
    return all;
  }

  private static boolean isThere(String pattern) {
    try {
      return Inputs.isLocal(pattern) && Files.exists(Path.of(pattern));
    } catch (InvalidPathException _) {
      return false;
    }
  }

  private static List<String> local(String name, List<String> endings, boolean alone) {
    try {
      Path path = Path.of(name);
      if (Files.isDirectory(path)) {
        return found(name, sorted(path, 1, file -> hasEnding(file, endings)), "holds no " + String.join(", ", endings));
      }
      if (!Files.exists(path) && name.chars().anyMatch(c -> WILD.indexOf(c) >= 0)) {
        return found(name, matches(path), "matches no file");
      }
      if (alone && !Files.exists(path)) {
        throw new UserException(name + ": there is no such file or folder");
      }
      return List.of(name);
    } catch (IOException e) {
      throw new UserException(name + ": cannot be listed: " + Failures.text(e), e);
    } catch (InvalidPathException | PatternSyntaxException e) {
      throw new UserException("'" + name + "': is no path: " + Failures.text(e), e);
    }
  }

  private static List<String> found(String name, List<String> files, String otherwise) {
    if (files.isEmpty()) {
      throw new UserException(name + ": " + otherwise);
    }
    return files;
  }

  private static boolean hasEnding(Path file, List<String> endings) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return endings.stream().anyMatch(name::endsWith);
  }

  /** Looks below the last folder that is named without wild cards. */
  private static List<String> matches(Path pattern) throws IOException {
    Path start = pattern.isAbsolute() ? pattern.getRoot() : Path.of("");
    int depth = pattern.getNameCount();
    for (Path part : pattern) {
      if (part.toString().chars().anyMatch(c -> WILD.indexOf(c) >= 0)) {
        break;
      }
      start = start.resolve(part);
      depth--;
    }
    if (!Files.isDirectory(start)) {
      return List.of();
    }
    PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern.toString().replace("{", "\\{"));
    return sorted(start, pattern.toString().contains("**") ? Integer.MAX_VALUE : depth, matcher::matches);
  }

  private static List<String> sorted(Path folder, int depth, PathMatcher wanted) throws IOException {
    try (Stream<Path> files = Files.walk(folder, depth, FileVisitOption.FOLLOW_LINKS)) {
      return files.filter(wanted::matches).filter(Files::isRegularFile).map(Path::toString).sorted().toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
