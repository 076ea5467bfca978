package kiln.launcher.setup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import kiln.bindings.UserException;
import kiln.collectives.mpi.OpenMpiInstallation;
import kiln.data.fetch.Apt;
import kiln.data.fetch.InstalledFile;

/**
 * Finds the Java bindings of Open MPI or makes them. Debian builds Open MPI with them and ships their native half
 * ({@code libmpi_java.so}), but not {@code mpi.jar}: that is compiled here from the source package of the version that is
 * installed.
 */
public final class OpenMpiSetup {
  private static final List<String> PACKAGES = List.of("openmpi-bin", "libopenmpi-dev");
  private static final String NATIVE_HALF = "libmpi_java.so.*";
  private static final String SOURCES = "ompi/mpi/java/java/";

  private final Map<String, String> environment;
  private final Path jar;
  private final Consumer<String> log;

  public OpenMpiSetup(Map<String, String> environment, Consumer<String> log) {
    this.environment = environment;
    this.jar = OpenMpiInstallation.cachedJar();
    this.log = log;
  }

  /**
   * Does what is missing.
   *
   * @param root whether packages may be installed
   * @throws UserException if something is missing that this cannot bring
   */
  public OpenMpiInstallation run(boolean root) {
    Optional<OpenMpiInstallation> own = found().filter(installation -> !installation.jar().equals(jar));
    if (own.isPresent()) {
      return own.get();
    }
    InstalledFile library = installed(root);
    if (!Files.isRegularFile(jar) || !madeFor(library)) {
      library.source().files(jar.getParent(), SOURCES, ".*\\.java", log, sources -> make(sources, library));
      log.accept("made " + jar);
    }
    return OpenMpiInstallation.require(environment);
  }

  /** What is there already, whole or not. */
  private Optional<OpenMpiInstallation> found() {
    try {
      return OpenMpiInstallation.find(environment);
    } catch (UserException e) {
      if (environment.containsKey("OMPI_HOME")) {
        throw e;
      }
      return Optional.empty(); // what was made once no longer fits
    }
  }

  private boolean madeFor(InstalledFile library) {
    try {
      return OpenMpiInstallation.manifestEntry(jar, OpenMpiInstallation.VERSION).equals(library.source().version())
          && OpenMpiInstallation.manifestEntry(jar, OpenMpiInstallation.NATIVE_LIBRARY).equals(library.file().toString());
    } catch (UserException e) {
      return false;
    }
  }

  private InstalledFile installed(boolean root) {
    Optional<InstalledFile> library = InstalledFile.find(NATIVE_HALF);
    if (library.isEmpty() && root) {
      log.accept("installing the Debian packages " + String.join(" ", PACKAGES));
      Apt.install(PACKAGES);
      library = InstalledFile.find(NATIVE_HALF);
    }
    return library.orElseThrow(
        () ->
            new UserException(
                "setup mpi: found no Open MPI with Java bindings; apt-get install "
                    + String.join(" ", PACKAGES)
                    + ", or set OMPI_HOME to one that has lib/mpi.jar"));
  }

  private void make(Path sources, InstalledFile library) throws IOException {
    List<Path> files;
    try (var listed = Files.list(sources)) {
      files = listed.sorted().toList();
    }
    Map<String, String> entries =
        Map.of(
            OpenMpiInstallation.VERSION, library.source().version(),
            OpenMpiInstallation.NATIVE_LIBRARY, library.file().toString());
    JarMaker.make(files, entries, jar);
  }
}
