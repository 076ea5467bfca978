package kiln.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibrariesTest {
  @Test
  void shouldFindFunctionsOfBothLibraries() {
    assertTrue(NativeLibraries.lookup(NativeLibraries.DNNL).find("dnnl_version").isPresent());
    assertTrue(NativeLibraries.lookup(NativeLibraries.KILN_CPU).find("kiln_affine").isPresent());
    assertThrows(IllegalArgumentException.class, () -> NativeLibraries.lookup("cudnn"));
  }

  @Test
  void shouldShareOneOpenMpRuntime() throws IOException {
    NativeLibraries.lookup(NativeLibraries.KILN_CPU);
    long runtimes =
        Files.readAllLines(Path.of("/proc/self/maps")).stream()
            .filter(line -> line.contains("libgomp") || line.contains("libiomp"))
            .map(line -> line.substring(line.indexOf('/')))
            .distinct()
            .count();
    assertEquals(1, runtimes);
    assertTrue(NativeLibraries.numThreads() >= 1);
  }

  @Test
  void shouldExtractOnceToFolderNamedByContent(@TempDir Path cache) throws IOException {
    Path first = NativeFolder.extract(cache);
    var written = Files.getLastModifiedTime(first);
    assertEquals(first, NativeFolder.extract(cache));
    assertEquals(written, Files.getLastModifiedTime(first));
    for (String file : NativeFolder.FILES) {
      assertEquals(-1, Files.mismatch(first.resolve(file), NativeLibraries.loadedFrom().resolve(file)));
    }
    try (var entries = Files.list(cache)) {
      assertEquals(1, entries.count());
    }
  }

  @Test
  void shouldLetSeveralExtractAtOnce(@TempDir Path cache) throws Exception {
    try (var threads = Executors.newFixedThreadPool(4)) {
      Callable<Path> extract = () -> NativeFolder.extract(cache);
      var folders = threads.invokeAll(Collections.nCopies(4, extract));
      Path first = folders.getFirst().get();
      for (var folder : folders) {
        assertEquals(first, folder.get());
      }
    }
    try (var entries = Files.list(cache)) {
      assertEquals(1, entries.count());
    }
  }
}
