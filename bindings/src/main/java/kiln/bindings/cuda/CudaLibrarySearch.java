package kiln.bindings.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kiln.bindings.UserException;

/**
 * Where NVIDIA's libraries may lie. In this order: the files and folders that the user names, {@code CUDA_HOME}, {@code
 * LD_LIBRARY_PATH}, the usual system folders, and {@code site-packages/nvidia/…/lib} of Python's.
 *
 * @param named files and folders, separated by colons: those of the system property {@value #PROPERTY}, then those of the
 *     environment variable {@value #VARIABLE}; empty if there are none
 * @param environment environment variables
 * @param system the system's folders of libraries
 */
public record CudaLibrarySearch(String named, Map<String, String> environment, List<Path> system) {
  public static final String PROPERTY = "kiln.cuda.libraries";
  public static final String VARIABLE = "KILN_CUDA_LIBRARIES";

  private static final List<Path> USUAL =
      List.of(
          Path.of("/usr/lib/x86_64-linux-gnu"),
          Path.of("/usr/lib64"),
          Path.of("/usr/lib"),
          Path.of("/usr/local/cuda/lib64"),
          Path.of("/usr/local/nvidia/lib64"),
          Path.of("/usr/local/lib"),
          Path.of("/usr/lib/wsl/lib"));

  /** What this process was given. */
  public static CudaLibrarySearch ofProcess() {
    Map<String, String> environment = System.getenv();
    String named = System.getProperty(PROPERTY, "") + ":" + environment.getOrDefault(VARIABLE, "");
    return new CudaLibrarySearch(named, environment, USUAL);
  }

  /**
   * The files that may be that library, the best first; each exists.
   *
   * @throws UserException if a named file or folder does not exist
   */
  public List<Path> candidates(CudaLibrary library) {
    Set<Path> found = new LinkedHashSet<>();
    for (Path entry : entries()) {
      if (Files.isDirectory(entry)) {
        addFrom(entry, library, found);
      } else if (entry.getFileName().toString().startsWith(library.stem() + ".so")) {
        found.add(entry);
      }
    }
    for (Path folder : folders()) {
      addFrom(folder, library, found);
    }
    return List.copyOf(found);
  }

  /** All folders that are searched after the named ones, in their order. */
  List<Path> folders() {
    List<Path> folders = new ArrayList<>();
    for (String variable : List.of("CUDA_HOME", "CUDA_PATH")) {
      for (Path home : paths(variable)) {
        folders.add(home.resolve("lib64"));
        folders.add(home.resolve("lib"));
        folders.add(home.resolve("targets/x86_64-linux/lib"));
      }
    }
    folders.addAll(paths("LD_LIBRARY_PATH"));
    folders.addAll(system);
    for (Path packages : sitePackages()) {
      for (Path part : children(packages.resolve("nvidia"), "*")) {
        folders.add(part.resolve("lib"));
      }
    }
    return folders;
  }

  private List<Path> entries() {
    List<Path> entries = split(named);
    for (Path entry : entries) {
      if (!Files.exists(entry)) {
        throw new UserException(VARIABLE + ": found no " + entry + ", expected files or folders, separated by colons");
      }
    }
    return entries;
  }

  private List<Path> sitePackages() {
    List<Path> packages = new ArrayList<>(paths("PYTHONPATH"));
    List<Path> roots = new ArrayList<>();
    roots.addAll(paths("VIRTUAL_ENV"));
    roots.addAll(paths("CONDA_PREFIX"));
    for (Path home : paths("HOME")) {
      roots.add(home.resolve(".local"));
    }
    roots.add(Path.of("/usr/local"));
    roots.add(Path.of("/usr"));
    for (Path root : roots) {
      for (Path python : children(root.resolve("lib"), "python3*")) {
        packages.add(python.resolve("site-packages"));
        packages.add(python.resolve("dist-packages"));
      }
    }
    return packages;
  }

  private List<Path> paths(String variable) {
    return split(environment.getOrDefault(variable, ""));
  }

  private static List<Path> split(String list) {
    List<Path> paths = new ArrayList<>();
    for (String entry : list.split(":")) {
      if (!entry.isBlank()) {
        paths.add(Path.of(entry.strip()));
      }
    }
    return paths;
  }

  private static void addFrom(Path folder, CudaLibrary library, Set<Path> found) {
    for (String file : library.files()) {
      Path path = folder.resolve(file);
      if (Files.isRegularFile(path)) {
        found.add(path.toAbsolutePath());
      }
    }
  }

  /** The folder's entries in the order of their names; none if it is not there or is not to be read. */
  private static List<Path> children(Path folder, String glob) {
    List<Path> children = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, glob)) {
      entries.forEach(children::add);
    } catch (NoSuchFileException | NotDirectoryException | AccessDeniedException _) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(folder.toString(), e);
    } catch (DirectoryIteratorException e) {
      throw new UncheckedIOException(folder.toString(), e.getCause());
    }
    children.sort(null);
    return children;
  }
}
