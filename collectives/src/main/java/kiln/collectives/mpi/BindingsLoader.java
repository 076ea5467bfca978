package kiln.collectives.mpi;

import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;

/**
 * Loads package {@code mpi} and, when that asks for it, its native half: wherever they are, without {@code java.library.path}.
 */
final class BindingsLoader extends URLClassLoader {
  private static final String NATIVE_HALF = "mpi_java";

  private final Path library;

  BindingsLoader(OpenMpiInstallation installation) {
    super("open-mpi", new URL[] {url(installation.jar())}, ClassLoader.getPlatformClassLoader());
    this.library = installation.library();
  }

  private static URL url(Path jar) {
    try {
      return jar.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  protected String findLibrary(String name) {
    return name.equals(NATIVE_HALF) ? library.toAbsolutePath().toString() : super.findLibrary(name);
  }
}
