package kiln.launcher.bundle;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import kiln.bindings.UserException;

/** Makes an archive that holds Kiln, all its libraries and a Java runtime. */
public final class Bundle {
  private final ClassPath classPath;
  private final boolean gpu;

  /**
   * @param gpu whether CUDA kernels and the checks on a GPU belong to it
   */
  public Bundle(boolean gpu) {
    this(ClassPath.ofProcess(), gpu);
  }

  Bundle(ClassPath classPath, boolean gpu) {
    this.classPath = classPath;
    this.gpu = gpu;
  }

  /** Of the folder in the archive, and of the archive if the user does not name it. */
  public String name() {
    return gpu ? "kiln-gpu" : "kiln";
  }

  /** The archive that is made if the user does not name one. */
  public Path usualArchive() {
    return Path.of(name() + Squeezers.XZ_ENDING);
  }

  /**
   * Writes the archive, which appears at once and whole.
   *
   * @param log is told what is being done
   * @return the parts, as they lie in the archive
   * @throws UserException if the archive's name or folder will not do, or something that belongs to it is not there
   */
  public List<BundlePart> write(Path archive, Consumer<String> log) throws IOException {
    Squeezers.check(archive);
    Path parent = archive.toAbsolutePath().getParent();
    if (!Files.isDirectory(parent)) {
      throw new UserException("option --output: expected an existing folder, found no " + parent);
    }
    Path work = Files.createTempDirectory("kiln-bundle");
    Path aside = parent.resolve("." + archive.getFileName() + "." + ProcessHandle.current().pid());
    try {
      Path folder = work.resolve(name());
      log.accept("collecting the files");
      fill(folder);
      log.accept("compressing them");
      List<BundlePart> parts = pack(folder, aside, archive);
      Files.move(aside, archive, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
      return parts;
    } finally {
      Files.deleteIfExists(aside);
      delete(work);
    }
  }

  /** The bundle as it lies after unpacking. */
  void fill(Path folder) throws IOException {
    Files.createDirectories(folder);
    new BundleFolder(folder, classPath, gpu).fill();
    JavaRuntime.link(folder.resolve("runtime"));
  }

  /**
   * @param named says by its ending how to compress
   */
  static List<BundlePart> pack(Path folder, Path archive, Path named) throws IOException {
    Map<String, List<Path>> parts = new LinkedHashMap<>();
    for (String part : List.of("scripts", "Java runtime", "native libraries", "Kiln", "libraries", "golden values")) {
      parts.put(part, new ArrayList<>());
    }
    for (Path file : BundleArchive.files(folder)) {
      parts.get(part(folder.relativize(file))).add(file);
    }
    List<BundlePart> done = new ArrayList<>();
    try (OutputStream file = new BufferedOutputStream(Files.newOutputStream(archive));
        BundleArchive out = new BundleArchive(Squeezers.of(named, file), folder.getFileName().toString())) {
      for (Map.Entry<String, List<Path>> part : parts.entrySet()) {
        if (!part.getValue().isEmpty()) {
          done.add(out.add(part.getKey(), folder, part.getValue()));
        }
      }
    }
    return done;
  }

  private static String part(Path file) {
    return switch (file.getName(0).toString()) {
      case "runtime" -> "Java runtime";
      case "resources" -> file.getName(1).toString().startsWith("golden") ? "golden values" : "native libraries";
      case "lib" -> file.getFileName().toString().startsWith("kiln-") ? "Kiln" : "libraries";
      default -> "scripts";
    };
  }

  private static void delete(Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    try (var tree = Files.walk(folder)) {
      tree.forEach(files::add);
    }
    for (Path file : files.reversed()) {
      Files.delete(file);
    }
  }
}
