package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import kiln.bindings.UserException;
import kiln.bindings.cuda.CudaLibraries.Report;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CudaLibrariesTest {
  @TempDir private Path folder;

  private static CudaLibrarySearch search(String named, Map<String, String> environment, Path... system) {
    return new CudaLibrarySearch(named, environment, List.of(system));
  }

  private Path file(String path) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.createFile(file);
  }

  @Test
  void shouldSearchFromNamedToPythons() throws IOException {
    Path named = file("named/libcudnn.so.9");
    Path explicit = file("explicit/libcudnn.so.9.24");
    Path home = file("cuda/lib64/libcudnn.so.9");
    Path loader = file("loader/libcudnn.so.9");
    Path system = file("system/libcudnn.so.9");
    Path python = file("venv/lib/python3.12/site-packages/nvidia/cudnn/lib/libcudnn.so.9");
    file("venv/lib/python3.12/site-packages/nvidia/nccl/lib/libnccl.so.2");
    Map<String, String> environment =
        Map.of(
            "CUDA_HOME", folder.resolve("cuda").toString(),
            "LD_LIBRARY_PATH", ":" + folder.resolve("loader") + ":" + folder.resolve("not-there"),
            "VIRTUAL_ENV", folder.resolve("venv").toString());
    CudaLibrarySearch search = search(explicit + ":" + named.getParent(), environment, system.getParent());
    List<Path> ours = search.candidates(CudaLibrary.CUDNN).stream().filter(p -> p.startsWith(folder)).toList();
    assertEquals(List.of(explicit, named, home, loader, system, python), ours);
    assertEquals(1, search.candidates(CudaLibrary.NCCL).stream().filter(p -> p.startsWith(folder)).count());
  }

  @Test
  void shouldPreferNewerCuda() throws IOException {
    Path older = file("libs/libcublasLt.so.12");
    Path newer = file("libs/libcublasLt.so.13");
    CudaLibrarySearch search = search(folder.resolve("libs").toString(), Map.of());
    assertEquals(List.of(newer, older), search.candidates(CudaLibrary.CUBLASLT).subList(0, 2));
  }

  @Test
  void shouldRefuseNamedFolderThatIsNotThere() {
    CudaLibraries libraries = new CudaLibraries(search("/not/there", Map.of()));
    UserException e = assertThrows(UserException.class, () -> libraries.symbols(CudaLibrary.NCCL));
    assertEquals(
        "libnccl: KILN_CUDA_LIBRARIES: found no /not/there, expected files or folders, separated by colons",
        e.getMessage());
  }

  @ParameterizedTest
  @EnumSource
  void shouldSayWhatIsMissing(CudaLibrary library) {
    // Python's folders of this machine are searched too.
    CudaLibrarySearch search = search("", Map.of());
    assumeTrue(search.candidates(library).isEmpty(), "skipped: this machine has " + library);
    CudaLibraries libraries = new CudaLibraries(search);
    UserException e = assertThrows(UserException.class, () -> libraries.symbols(library));
    assertTrue(e.getMessage().startsWith(library.stem() + ": found no " + library.files().getFirst()), e.getMessage());
    assertTrue(e.getMessage().endsWith("expected " + library.source()), e.getMessage());
    assertFalse(e.getMessage().contains("\n"));
    Report report = libraries.report(library);
    assertTrue(report.path().isEmpty() && report.version().isEmpty());
    assertEquals(library.stem() + ": " + report.problem().orElseThrow(), e.getMessage());
  }

  @Test
  void shouldSayWhyFileCannotBeLoaded() throws IOException {
    Path file = file("libnccl.so.2");
    Files.writeString(file, "no library");
    Report report = new CudaLibraries(search(folder.toString(), Map.of())).report(CudaLibrary.NCCL);
    assertTrue(report.problem().orElseThrow().startsWith(file + " cannot be loaded"), report.toString());
    assertEquals(file, report.path().orElseThrow());
    Path other = folder.resolve("libcudnn.so.9");
    Files.copy(FakeCuda.FOLDER.resolve("libnccl.so.2"), other);
    Report mistaken = new CudaLibraries(search(folder.toString(), Map.of())).report(CudaLibrary.CUDNN);
    assertEquals(other + " cannot be loaded: it has no cudnnGetVersion", mistaken.problem().orElseThrow());
  }

  @Test
  void shouldReportPathAndVersion() {
    CudaLibraries libraries = new CudaLibraries(search(FakeCuda.FOLDER.toString(), Map.of()));
    Report nccl = libraries.report(CudaLibrary.NCCL);
    assertEquals(FakeCuda.FOLDER.resolve("libnccl.so.2"), nccl.path().orElseThrow());
    assertEquals("2.18.0", nccl.version().orElseThrow());
    assertEquals("13.0.0", libraries.report(CudaLibrary.CUBLASLT).version().orElseThrow());
    assertTrue(nccl.problem().isEmpty());
    assertEquals(CudaLibrary.values().length, CudaLibraries.reports().size());
  }

  @Test
  void shouldCompareVersionsByNumbers() {
    assertTrue(CudaVersion.atLeast("9.24.0", "9.16"));
    assertTrue(CudaVersion.atLeast("9.16.0", "9.16"));
    assertTrue(CudaVersion.atLeast("10.0", "9.16"));
    assertFalse(CudaVersion.atLeast("9.2.1", "9.16"));
  }

  @Test
  void shouldThrowFromCallsOfMissingFunctions() {
    CudaFunction missing = CudaFunction.of(CudaLibrary.NCCL, "ncclNoSuch", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    assertFalse(missing.isPresent());
    UserException e = assertThrows(UserException.class, () -> missing.call(1));
    assertEquals("libnccl: found no function ncclNoSuch, expected version 2.18 or newer", e.getMessage());
  }
}
