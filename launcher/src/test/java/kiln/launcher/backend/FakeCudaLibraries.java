package kiln.launcher.backend;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import kiln.bindings.cuda.CudaLibrarySearch;

/** The libraries of native/fake_cuda, for processes that a test starts: in the test's own, they would be there for all others. */
public final class FakeCudaLibraries {
  private FakeCudaLibraries() {}

  /** Variables of a process that is to find them; the test is skipped where they were not built. */
  public static Map<String, String> variables() {
    Path folder = Path.of(System.getProperty("kiln.root"), "bindings/target/cmake/fake_cuda").toAbsolutePath();
    assumeTrue(Files.exists(folder.resolve("libcuda.so.1")), "skipped: built without cuda.h, so there is no driver for tests");
    return Map.of(CudaLibrarySearch.VARIABLE, folder.toString());
  }
}
