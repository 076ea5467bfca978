package kiln.bindings.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Map;
import kiln.bindings.cuda.CudaLibraries.Report;

/** NVIDIA's own libraries, where {@code KILN_CUDA_LIBRARIES} names their folders; they need no GPU for what is tested here. */
final class RealLibraries {
  private static final CudaLibraries LIBRARIES =
      new CudaLibraries(
          new CudaLibrarySearch(System.getenv().getOrDefault(CudaLibrarySearch.VARIABLE, ""), Map.of(), List.of()));

  private RealLibraries() {}

  /** The library, if it is there; else the test is skipped. */
  static CudaLibraries assumeThere(CudaLibrary library) {
    Report report = LIBRARIES.report(library);
    assumeTrue(
        report.problem().isEmpty(),
        () -> "skipped: no " + library.stem() + " of NVIDIA's: " + report.problem().orElseThrow());
    return LIBRARIES;
  }
}
