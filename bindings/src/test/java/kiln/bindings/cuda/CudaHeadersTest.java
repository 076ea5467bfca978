package kiln.bindings.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.lang.invoke.MethodType;
import java.util.Map;
import java.util.stream.Collectors;
import kiln.bindings.HeaderChecks;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the compiler has checked against NVIDIA's headers, where they are, is what the Java classes say. */
class CudaHeadersTest {
  /** A file of checks and the classes that it is about. */
  private enum Header {
    CUDA("cuda.c", CudaConstants.class, CudaFunctions.class),
    CUBLASLT("cublaslt.c", CublasLtConstants.class, CublasLtFunctions.class),
    CUDNN("cudnn.c", CudnnConstants.class, CudnnFunctions.class),
    NCCL("nccl.c", NcclConstants.class, NcclFunctions.class);

    final HeaderChecks checks;
    final Class<?> constants;
    final Class<?> functions;

    Header(String file, Class<?> constants, Class<?> functions) {
      this.checks = new HeaderChecks(file);
      this.constants = constants;
      this.functions = functions;
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldCheckEveryConstant(Header header) throws IllegalAccessException {
    Map<String, Long> declared = HeaderChecks.numbersOf(header.constants);
    assertFalse(declared.isEmpty());
    assertEquals(header.checks.constants(), declared);
  }

  @ParameterizedTest
  @EnumSource
  void shouldCheckEverySignature(Header header) {
    Map<String, MethodType> declared =
        BoundFunctions.of(header.functions).stream()
            .collect(Collectors.toMap(CudaFunction::name, f -> f.handle().type()));
    assertFalse(declared.isEmpty());
    assertEquals(header.checks.functions(), declared);
  }
}
