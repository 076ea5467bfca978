package kiln.bindings.cuda;

import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_TENSOR_DIMENSIONS;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_TENSOR_STRIDES;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_TENSOR_UNIQUE_ID;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_BACKEND_TENSOR_DESCRIPTOR;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.abort;

import kiln.bindings.NativeException;
import kiln.bindings.UserException;
import kiln.bindings.cuda.CudnnTensor.Dims;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/**
 * How cuDNN refuses descriptors: that for tests (native/fake_cuda/cudnn) as NVIDIA's does. The build runs this with NVIDIA's too, where
 * {@code KILN_CUDA_LIBRARIES} names it.
 */
class CudnnDescriptorTest {
  private static final int NOT_INITIALIZED = 1001;
  private static final int BAD_PARAM = 2000;
  private static final int ATTRIBUTE_TYPE = 2010;

  private static final Dims DIMS = new Dims(2, 3, 4, 5);

  @BeforeEach
  void requireCudnn() {
    try {
      CudaLibraries.require(CudaLibrary.CUDNN);
    } catch (UserException e) {
      abort("skipped: " + e.getMessage());
    }
  }

  private static void assertRefused(int status, Executable call) {
    NativeException e = assertThrows(NativeException.class, call);
    assertEquals(status, e.status(), e.getMessage());
  }

  @Test
  void shouldRefuseAttributesOfOtherTypesCountsOrDescriptors() {
    try (CudnnDescriptor tensor = new CudnnDescriptor(CUDNN_BACKEND_TENSOR_DESCRIPTOR)) {
      assertRefused(ATTRIBUTE_TYPE, () -> tensor.setFloat(CUDNN_ATTR_TENSOR_UNIQUE_ID, 1));
      assertRefused(BAD_PARAM, () -> tensor.setLongs(CUDNN_ATTR_TENSOR_UNIQUE_ID, 1, 2));
      assertRefused(BAD_PARAM, () -> tensor.setLongs(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, 2));
    }
  }

  @Test
  void shouldReadOnlyWhatIsComplete() {
    try (CudnnDescriptor tensor = new CudnnDescriptor(CUDNN_BACKEND_TENSOR_DESCRIPTOR)) {
      tensor.setLongs(CUDNN_ATTR_TENSOR_UNIQUE_ID, 7);
      assertRefused(NOT_INITIALIZED, () -> tensor.getLong(CUDNN_ATTR_TENSOR_UNIQUE_ID));
    }
  }

  @Test
  void shouldChangeOnlyWhatIsNotComplete() {
    try (CudnnGraph graph = new CudnnGraph()) {
      CudnnDescriptor tensor = graph.memory(7, DIMS, DIMS.rowMajor(), CudaType.BF16).descriptor();
      assertEquals(7, tensor.getLong(CUDNN_ATTR_TENSOR_UNIQUE_ID));
      assertRefused(BAD_PARAM, () -> tensor.setLongs(CUDNN_ATTR_TENSOR_UNIQUE_ID, 1));
      assertRefused(BAD_PARAM, tensor::complete);
      assertRefused(BAD_PARAM, () -> tensor.getLong(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS));
    }
  }

  @Test
  void shouldRefuseTensorsThatDoNotFitTogether() {
    try (CudnnDescriptor tensor = new CudnnDescriptor(CUDNN_BACKEND_TENSOR_DESCRIPTOR)) {
      assertRefused(BAD_PARAM, tensor::complete);
      tensor.setLongs(CUDNN_ATTR_TENSOR_DIMENSIONS, 2, 3).setLongs(CUDNN_ATTR_TENSOR_STRIDES, 1);
      assertRefused(BAD_PARAM, tensor::complete);
    }
    try (CudnnGraph graph = new CudnnGraph()) {
      CudnnTensor a = graph.memory(1, DIMS, DIMS.rowMajor(), CudaType.BF16);
      CudnnTensor c = graph.memory(2, DIMS, DIMS.rowMajor(), CudaType.BF16);
      assertRefused(BAD_PARAM, () -> graph.matmul(a, a, c));
    }
  }

  @Test
  void shouldRefusePacksWithoutTensors() {
    try (CudnnDescriptor pack = new CudnnDescriptor(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR)) {
      pack.setLongs(CudnnConstants.CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, 1, 2);
      assertRefused(BAD_PARAM, pack::complete);
    }
  }
}
