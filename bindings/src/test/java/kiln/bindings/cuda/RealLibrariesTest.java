package kiln.bindings.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RealLibrariesTest {
  private static final Map<CudaLibrary, Class<?>> FUNCTIONS =
      Map.of(
          CudaLibrary.DRIVER, CudaFunctions.class,
          CudaLibrary.CUBLASLT, CublasLtFunctions.class,
          CudaLibrary.CUDNN, CudnnFunctions.class,
          CudaLibrary.NCCL, NcclFunctions.class);

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NVRTC")
  void shouldHaveEveryBoundFunction(CudaLibrary library) {
    var symbols = RealLibraries.assumeThere(library).symbols(library);
    List<String> missing =
        BoundFunctions.of(FUNCTIONS.get(library)).stream()
            .map(CudaFunction::name)
            .filter(name -> symbols.find(name).isEmpty())
            .toList();
    assertEquals(List.of(), missing);
  }

  @ParameterizedTest
  @EnumSource
  void shouldSayVersion(CudaLibrary library) {
    var report = RealLibraries.assumeThere(library).report(library);
    assertTrue(CudaVersion.atLeast(report.version().orElseThrow(), library.oldest()), report.toString());
    assertNotEquals(FakeCuda.FOLDER, report.path().orElseThrow().getParent());
    System.out.println(library.stem() + " " + report.version().orElseThrow() + " " + report.path().orElseThrow());
  }
}
