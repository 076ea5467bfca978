package kiln.launcher.setup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import kiln.bindings.UserException;
import kiln.collectives.mpi.OpenMpiInstallation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JarMakerTest {
  @TempDir Path folder;

  @Test
  void shouldMakeAJarWithManifest() throws Exception {
    Path source = Files.createDirectory(folder.resolve("sources")).resolve("A.java");
    Files.writeString(source, "package a; public class A { public static int answer() { return 42; } }");
    Path jar = folder.resolve("a.jar");
    JarMaker.make(List.of(source), Map.of(OpenMpiInstallation.VERSION, "4.1.4-3"), jar);
    assertEquals("4.1.4-3", OpenMpiInstallation.manifestEntry(jar, OpenMpiInstallation.VERSION));
    try (URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()})) {
      assertEquals(42, loader.loadClass("a.A").getMethod("answer").invoke(null));
    }
  }

  @Test
  void shouldLeaveNoJarWhereSourcesDoNotCompile() throws Exception {
    Path source = Files.createDirectory(folder.resolve("sources")).resolve("A.java");
    Files.writeString(source, "class A {");
    Path jar = folder.resolve("a.jar");
    UserException refused =
        assertThrows(UserException.class, () -> JarMaker.make(List.of(source), Map.of(), jar));
    assertTrue(refused.getMessage().startsWith("cannot compile: "), refused.getMessage());
    assertFalse(Files.exists(jar));
  }
}
