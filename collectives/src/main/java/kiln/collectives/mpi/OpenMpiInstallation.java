package kiln.collectives.mpi;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import kiln.bindings.CacheFolder;
import kiln.bindings.UserException;

/**
 * Where the Java bindings of an Open MPI 4.1 or 5 are. They are on no class path: the transport loads them from here, so
 * that Kiln is built and runs without them, and a rank needs no flags of the JVM for them. Looked for in this order:
 *
 * <ol>
 *   <li>{@code $OMPI_HOME/lib}, which must have them if the variable is set;
 *   <li>beside the {@code mpirun} of the PATH, if that Open MPI came with its {@code mpi.jar};
 *   <li>Kiln's cache folder, where {@code ./kiln setup mpi} puts the {@code mpi.jar} that Debian's packages leave out.
 * </ol>
 *
 * @param jar package {@code mpi}
 * @param library {@code libmpi_java.so}, the native half
 */
public record OpenMpiInstallation(Path jar, Path library) {
  /** In the manifest of the jar in the cache folder: path of the native half that it was made for. */
  public static final String NATIVE_LIBRARY = "Open-MPI-Library";

  /** In the manifest of the jar in the cache folder: version of the source package that it was made from. */
  public static final String VERSION = "Open-MPI-Version";

  private static final String JAR = "mpi.jar";
  private static final String LIBRARY = "libmpi_java.so";
  private static final List<String> LIBRARY_FOLDERS = List.of("lib", "lib64", "lib/x86_64-linux-gnu/openmpi/lib");

  /** The jar that {@code ./kiln setup mpi} makes. */
  public static Path cachedJar() {
    return CacheFolder.path().resolve("openmpi").resolve(JAR);
  }

  /**
   * @throws UserException if there is none
   */
  public static OpenMpiInstallation require(Map<String, String> environment) {
    return find(environment)
        .orElseThrow(() -> new UserException("transport mpi: found no Java bindings of Open MPI; ./kiln setup mpi makes them"));
  }

  /**
   * @throws UserException if what is named or was made is not complete
   */
  public static Optional<OpenMpiInstallation> find(Map<String, String> environment) {
    return find(environment, cachedJar());
  }

  static Optional<OpenMpiInstallation> find(Map<String, String> environment, Path cachedJar) {
    String home = environment.get("OMPI_HOME");
    if (home != null && !home.isEmpty()) {
      Optional<OpenMpiInstallation> named = below(Path.of(home));
      if (named.isEmpty()) {
        throw new UserException("OMPI_HOME: expected " + JAR + " and " + LIBRARY + " in " + home + "/lib, found none");
      }
      return named;
    }
    return mpirun(environment).flatMap(OpenMpiInstallation::below).or(() -> cached(cachedJar));
  }

  /** The folder that holds {@code bin/mpirun}, by the PATH. */
  private static Optional<Path> mpirun(Map<String, String> environment) {
    return Stream.of(environment.getOrDefault("PATH", "").split(File.pathSeparator))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder).toAbsolutePath())
        .filter(folder -> Files.isExecutable(folder.resolve("mpirun")))
        .map(Path::getParent)
        .findFirst();
  }

  private static Optional<OpenMpiInstallation> below(Path home) {
    return LIBRARY_FOLDERS.stream()
        .map(home::resolve)
        .map(folder -> new OpenMpiInstallation(folder.resolve(JAR), folder.resolve(LIBRARY)))
        .filter(found -> Files.isRegularFile(found.jar) && Files.isRegularFile(found.library))
        .findFirst();
  }

  private static Optional<OpenMpiInstallation> cached(Path jar) {
    if (!Files.isRegularFile(jar)) {
      return Optional.empty();
    }
    String library = manifestEntry(jar, NATIVE_LIBRARY);
    if (!Files.isRegularFile(Path.of(library))) {
      throw new UserException(
          jar + " was made for " + library + ", which is gone; ./kiln setup mpi makes it for the Open MPI that is installed");
    }
    return Optional.of(new OpenMpiInstallation(jar, Path.of(library)));
  }

  /**
   * @throws UserException if the jar cannot be read or has no such entry
   */
  public static String manifestEntry(Path jar, String name) {
    try (JarFile file = new JarFile(jar.toFile())) {
      Manifest manifest = file.getManifest();
      String value = manifest == null ? null : manifest.getMainAttributes().getValue(name);
      if (value == null) {
        throw new UserException(jar + ": expected " + name + " in its manifest, found none; ./kiln setup mpi makes it anew");
      }
      return value;
    } catch (IOException e) {
      throw new UserException(jar + " cannot be read: " + e.getMessage() + "; ./kiln setup mpi makes it anew", e);
    }
  }
}
