package kiln.launcher.bundle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import kiln.bindings.UserException;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bundles as they lie after unpacking, of the test's own class path; archives of a few small files. */
class BundleTest {
  @TempDir private Path folder;

  /** Nothing of this JVM, of its environment and of the checkout is left to the command. */
  @Test
  void shouldRunWithoutAJdkAndInAnEmptyEnvironment() throws IOException, InterruptedException {
    Path bundle = folder.resolve("kiln");
    new Bundle(ClassPath.of(classPath()), false).fill(bundle);
    assertFalse(Files.exists(bundle.resolve("resources/golden")), "golden values without --gpu");
    assertFalse(Files.exists(bundle.resolve("resources/kiln/native/linux-x86_64/kiln_cuda.fatbin")), "CUDA without --gpu");

    Path home = Files.createDirectory(folder.resolve("home"));
    Process process =
        new ProcessBuilder(
                "env", "-i", "PATH=/usr/bin:/bin", "HOME=" + home, bundle.resolve("kiln").toString(), "doctor", "--folder",
                home.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(2, TimeUnit.MINUTES));
    assertEquals(0, process.exitValue(), said);
    assertTrue(said.contains("oneDNN") && said.contains("in " + bundle.toRealPath() + "/resources"), said);
  }

  /** Without what the test alone has. */
  private static String classPath() {
    List<String> entries = new ArrayList<>(List.of(System.getProperty("java.class.path").split(":")));
    entries.removeIf(entry -> entry.contains("test-classes") || entry.contains("-tests.jar") || entry.contains("junit"));
    return String.join(":", entries);
  }

  @Test
  void shouldTakeWhatOnlyGpusNeedFromTheClassPathOrSayWhatIsMissing() {
    Bundle bundle = new Bundle(ClassPath.of(classPath()), true);
    UserException e = assertThrows(UserException.class, () -> bundle.fill(folder.resolve("kiln-gpu")));
    assertEquals("bundle: expected the checks of bench on the class path, found no kiln/bench/gpu/goldens.txt", e.getMessage());
  }

  @Test
  void shouldRefuseNamesThatDoNotSayHowToCompress() {
    Outcome outcome = KilnProcess.runHere("bundle", "--output", folder.resolve("kiln.zip").toString());
    assertEquals(1, outcome.status());
    String line = "kiln: option --output: expected a name that ends in .tar.xz or .tar.gz, found kiln.zip";
    assertEquals(line, outcome.err().strip());
  }

  /** A program, a link to it, a library and a text. */
  private Path tree() throws IOException {
    Path tree = Files.createDirectories(folder.resolve("kiln"));
    Path program = Files.writeString(tree.resolve("kiln"), "#!/bin/sh\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    Files.createDirectories(tree.resolve("runtime/legal"));
    Files.createSymbolicLink(tree.resolve("runtime/legal/link"), Path.of("../../kiln"));
    Files.write(tree.resolve("runtime/libx.so.1"), new byte[100_000]);
    Files.createDirectories(tree.resolve("lib"));
    Files.writeString(tree.resolve("lib/kiln-model.jar"), "a jar");
    return tree;
  }

  @Test
  void shouldKeepFilesLinksAndModesInBothKindsOfArchive() throws IOException {
    Path tree = tree();
    for (String name : List.of("kiln.tar.xz", "kiln.tar.gz")) {
      Path archive = folder.resolve(name);
      List<BundlePart> parts = Bundle.pack(tree, archive, archive);
      assertEquals(List.of("scripts", "Java runtime", "Kiln"), parts.stream().map(BundlePart::name).toList());
      assertEquals(100_000, parts.get(1).bytes());
      assertTrue(parts.stream().allMatch(part -> part.packedBytes() > 0), parts.toString());
      assertEquals(
          List.of(
              "kiln/kiln 755 10", "kiln/runtime/libx.so.1 644 100000", "kiln/runtime/legal/link -> ../../kiln",
              "kiln/lib/kiln-model.jar 644 5"),
          entries(archive));
    }
  }

  private static List<String> entries(Path archive) throws IOException {
    List<String> entries = new ArrayList<>();
    try (InputStream file = new BufferedInputStream(Files.newInputStream(archive));
        InputStream plain = archive.toString().endsWith(".xz") ? new XZCompressorInputStream(file) : new GZIPInputStream(file);
        TarArchiveInputStream tar = new TarArchiveInputStream(plain)) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        String rest =
            entry.isSymbolicLink() ? "-> " + entry.getLinkName() : Integer.toOctalString(entry.getMode()) + " " + entry.getSize();
        entries.add(entry.getName() + " " + rest);
      }
    }
    return entries;
  }

  @Test
  void shouldGiveTheSameBytesForTheSameFiles() throws IOException {
    Path tree = tree();
    Path first = folder.resolve("first.tar.xz");
    Path second = folder.resolve("second.tar.xz");
    Bundle.pack(tree, first, first);
    Files.setLastModifiedTime(tree.resolve("kiln"), FileTime.fromMillis(0));
    Bundle.pack(tree, second, second);
    assertArrayEquals(Files.readAllBytes(first), Files.readAllBytes(second));
  }
}
