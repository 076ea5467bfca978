package kiln.collectives.mpi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import kiln.bindings.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenMpiInstallationTest {
  @TempDir Path folder;

  private Path installed(String name, String libraryFolder) throws IOException {
    Path home = folder.resolve(name);
    Path mpirun = Files.createDirectories(home.resolve("bin")).resolve("mpirun");
    Files.createFile(mpirun);
    assertTrue(mpirun.toFile().setExecutable(true));
    Path libraries = Files.createDirectories(home.resolve(libraryFolder));
    Files.createFile(libraries.resolve("mpi.jar"));
    Files.createFile(libraries.resolve("libmpi_java.so"));
    return home;
  }

  private Path cached(Path library) throws IOException {
    Path jar = folder.resolve("cached.jar");
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().putValue(OpenMpiInstallation.NATIVE_LIBRARY, library.toString());
    try (OutputStream out = Files.newOutputStream(jar)) {
      new JarOutputStream(out, manifest).close();
    }
    return jar;
  }

  private String refusal(Map<String, String> environment, Path jar) {
    return assertThrows(UserException.class, () -> OpenMpiInstallation.find(environment, jar)).getMessage();
  }

  @Test
  void shouldPreferWhatIsNamedToWhatIsOnThePathToWhatWasMade() throws IOException {
    Path named = installed("named", "lib");
    Path first = installed("first", "lib/x86_64-linux-gnu/openmpi/lib");
    Path library = Files.createFile(folder.resolve("libmpi_java.so.40"));
    Path jar = cached(library);
    String path = folder.resolve("nothing") + ":" + first.resolve("bin") + ":" + named.resolve("bin");
    OpenMpiInstallation found =
        OpenMpiInstallation.find(Map.of("OMPI_HOME", named.toString(), "PATH", path), jar).orElseThrow();
    assertEquals(named.resolve("lib/mpi.jar"), found.jar());
    found = OpenMpiInstallation.find(Map.of("PATH", path), jar).orElseThrow();
    assertEquals(first.resolve("lib/x86_64-linux-gnu/openmpi/lib/libmpi_java.so"), found.library());
    found = OpenMpiInstallation.find(Map.of("PATH", "/nowhere"), jar).orElseThrow();
    assertEquals(new OpenMpiInstallation(jar, library), found);
  }

  @Test
  void shouldTakeWhatWasMadeForAnMpirunWithoutJar() throws IOException {
    Path home = installed("debian", "lib");
    Files.delete(home.resolve("lib/mpi.jar"));
    Path library = Files.createFile(folder.resolve("libmpi_java.so.40"));
    Map<String, String> environment = Map.of("PATH", home.resolve("bin").toString());
    Path jar = cached(library);
    assertEquals(jar, OpenMpiInstallation.find(environment, jar).orElseThrow().jar());
    assertEquals(Optional.empty(), OpenMpiInstallation.find(environment, folder.resolve("none.jar")));
  }

  @Test
  void shouldNameWhatIsNotThere() throws IOException {
    String home = folder.toString();
    assertEquals(
        "OMPI_HOME: expected mpi.jar and libmpi_java.so in " + home + "/lib, found none",
        refusal(Map.of("OMPI_HOME", home), folder.resolve("none.jar")));
    String gone = refusal(Map.of(), cached(folder.resolve("libmpi_java.so.40")));
    assertTrue(gone.contains("which is gone; ./kiln setup mpi"), gone);
    Path text = Files.writeString(folder.resolve("text.jar"), "not a jar");
    String unreadable = refusal(Map.of(), text);
    assertTrue(unreadable.startsWith(text + " cannot be read"), unreadable);
  }
}
