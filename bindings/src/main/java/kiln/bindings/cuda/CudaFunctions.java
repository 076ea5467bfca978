package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;

/**
 * The functions of the CUDA driver API that Kiln calls, by the names that the library exports: where the header maps a name to a
 * version ({@code cuMemGetInfo} to {@code cuMemGetInfo_v2}), that version. Signatures are compared with the header by {@code
 * native/checks/cuda.c}, and with that file by a test.
 */
final class CudaFunctions {
  // The library, its errors, devices and contexts
  static final CudaFunction INIT = status("cuInit", JAVA_INT);
  static final CudaFunction DRIVER_GET_VERSION = status("cuDriverGetVersion", ADDRESS);
  static final CudaFunction GET_ERROR_NAME = status("cuGetErrorName", JAVA_INT, ADDRESS);
  static final CudaFunction GET_ERROR_STRING = status("cuGetErrorString", JAVA_INT, ADDRESS);
  static final CudaFunction DEVICE_GET_COUNT = status("cuDeviceGetCount", ADDRESS);
  static final CudaFunction DEVICE_GET = status("cuDeviceGet", ADDRESS, JAVA_INT);
  static final CudaFunction DEVICE_GET_NAME = status("cuDeviceGetName", ADDRESS, JAVA_INT, JAVA_INT);
  static final CudaFunction DEVICE_GET_UUID_V2 = status("cuDeviceGetUuid_v2", ADDRESS, JAVA_INT);
  static final CudaFunction DEVICE_GET_PCIBUS_ID = status("cuDeviceGetPCIBusId", ADDRESS, JAVA_INT, JAVA_INT);
  static final CudaFunction DEVICE_TOTAL_MEM_V2 = status("cuDeviceTotalMem_v2", ADDRESS, JAVA_INT);
  static final CudaFunction DEVICE_GET_ATTRIBUTE = status("cuDeviceGetAttribute", ADDRESS, JAVA_INT, JAVA_INT);
  static final CudaFunction DEVICE_PRIMARY_CTX_RETAIN = status("cuDevicePrimaryCtxRetain", ADDRESS, JAVA_INT);
  static final CudaFunction DEVICE_PRIMARY_CTX_RELEASE_V2 = status("cuDevicePrimaryCtxRelease_v2", JAVA_INT);
  static final CudaFunction CTX_SET_CURRENT = status("cuCtxSetCurrent", ADDRESS);
  static final CudaFunction CTX_GET_CURRENT = status("cuCtxGetCurrent", ADDRESS);
  static final CudaFunction CTX_SYNCHRONIZE = status("cuCtxSynchronize");
  static final CudaFunction CTX_GET_STREAM_PRIORITY_RANGE = status("cuCtxGetStreamPriorityRange", ADDRESS, ADDRESS);

  // Memory
  static final CudaFunction MEM_GET_INFO_V2 = status("cuMemGetInfo_v2", ADDRESS, ADDRESS);
  static final CudaFunction MEM_POOL_CREATE = status("cuMemPoolCreate", ADDRESS, ADDRESS);
  static final CudaFunction MEM_POOL_DESTROY = status("cuMemPoolDestroy", ADDRESS);
  static final CudaFunction MEM_POOL_SET_ATTRIBUTE = status("cuMemPoolSetAttribute", ADDRESS, JAVA_INT, ADDRESS);
  static final CudaFunction MEM_POOL_GET_ATTRIBUTE = status("cuMemPoolGetAttribute", ADDRESS, JAVA_INT, ADDRESS);
  static final CudaFunction MEM_POOL_TRIM_TO = status("cuMemPoolTrimTo", ADDRESS, JAVA_LONG);
  static final CudaFunction MEM_ALLOC_FROM_POOL_ASYNC =
      status("cuMemAllocFromPoolAsync", ADDRESS, JAVA_LONG, ADDRESS, ADDRESS);
  static final CudaFunction MEM_FREE_ASYNC = status("cuMemFreeAsync", JAVA_LONG, ADDRESS);
  static final CudaFunction MEM_HOST_ALLOC = status("cuMemHostAlloc", ADDRESS, JAVA_LONG, JAVA_INT);
  static final CudaFunction MEM_FREE_HOST = status("cuMemFreeHost", ADDRESS);
  static final CudaFunction MEM_HOST_REGISTER_V2 = status("cuMemHostRegister_v2", ADDRESS, JAVA_LONG, JAVA_INT);
  static final CudaFunction MEM_HOST_UNREGISTER = status("cuMemHostUnregister", ADDRESS);
  static final CudaFunction MEMCPY_HTO_DASYNC_V2 =
      status("cuMemcpyHtoDAsync_v2", JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS);
  static final CudaFunction MEMCPY_DTO_HASYNC_V2 =
      status("cuMemcpyDtoHAsync_v2", ADDRESS, JAVA_LONG, JAVA_LONG, ADDRESS);
  static final CudaFunction MEMCPY_DTO_DASYNC_V2 =
      status("cuMemcpyDtoDAsync_v2", JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS);
  static final CudaFunction MEMSET_D8_ASYNC = status("cuMemsetD8Async", JAVA_LONG, JAVA_BYTE, JAVA_LONG, ADDRESS);
  static final CudaFunction MEMSET_D32_ASYNC = status("cuMemsetD32Async", JAVA_LONG, JAVA_INT, JAVA_LONG, ADDRESS);

  // Streams and events
  static final CudaFunction STREAM_CREATE_WITH_PRIORITY =
      status("cuStreamCreateWithPriority", ADDRESS, JAVA_INT, JAVA_INT);
  static final CudaFunction STREAM_DESTROY_V2 = status("cuStreamDestroy_v2", ADDRESS);
  static final CudaFunction STREAM_SYNCHRONIZE = status("cuStreamSynchronize", ADDRESS);
  static final CudaFunction STREAM_QUERY = status("cuStreamQuery", ADDRESS);
  static final CudaFunction STREAM_WAIT_EVENT = status("cuStreamWaitEvent", ADDRESS, ADDRESS, JAVA_INT);
  static final CudaFunction EVENT_CREATE = status("cuEventCreate", ADDRESS, JAVA_INT);
  static final CudaFunction EVENT_RECORD = status("cuEventRecord", ADDRESS, ADDRESS);
  static final CudaFunction EVENT_QUERY = status("cuEventQuery", ADDRESS);
  static final CudaFunction EVENT_SYNCHRONIZE = status("cuEventSynchronize", ADDRESS);
  static final CudaFunction EVENT_ELAPSED_TIME_V2 = status("cuEventElapsedTime_v2", ADDRESS, ADDRESS, ADDRESS);
  static final CudaFunction EVENT_DESTROY_V2 = status("cuEventDestroy_v2", ADDRESS);

  // Modules and launches
  static final CudaFunction MODULE_LOAD_DATA_EX =
      status("cuModuleLoadDataEx", ADDRESS, ADDRESS, JAVA_INT, ADDRESS, ADDRESS);
  static final CudaFunction MODULE_UNLOAD = status("cuModuleUnload", ADDRESS);
  static final CudaFunction MODULE_GET_FUNCTION = status("cuModuleGetFunction", ADDRESS, ADDRESS, ADDRESS);
  static final CudaFunction FUNC_GET_ATTRIBUTE = status("cuFuncGetAttribute", ADDRESS, JAVA_INT, ADDRESS);
  static final CudaFunction FUNC_SET_ATTRIBUTE = status("cuFuncSetAttribute", ADDRESS, JAVA_INT, JAVA_INT);
  static final CudaFunction OCCUPANCY_MAX_ACTIVE_BLOCKS_PER_MULTIPROCESSOR =
      status("cuOccupancyMaxActiveBlocksPerMultiprocessor", ADDRESS, ADDRESS, JAVA_INT, JAVA_LONG);
  static final CudaFunction LAUNCH_KERNEL =
      status(
          "cuLaunchKernel", ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS,
          ADDRESS);
  static final CudaFunction LAUNCH_KERNEL_EX = status("cuLaunchKernelEx", ADDRESS, ADDRESS, ADDRESS, ADDRESS);

  // Graphs
  static final CudaFunction STREAM_BEGIN_CAPTURE_V2 = status("cuStreamBeginCapture_v2", ADDRESS, JAVA_INT);
  static final CudaFunction STREAM_END_CAPTURE = status("cuStreamEndCapture", ADDRESS, ADDRESS);
  static final CudaFunction GRAPH_GET_NODES = status("cuGraphGetNodes", ADDRESS, ADDRESS, ADDRESS);
  static final CudaFunction GRAPH_INSTANTIATE_WITH_FLAGS =
      status("cuGraphInstantiateWithFlags", ADDRESS, ADDRESS, JAVA_LONG);
  static final CudaFunction GRAPH_UPLOAD = status("cuGraphUpload", ADDRESS, ADDRESS);
  static final CudaFunction GRAPH_LAUNCH = status("cuGraphLaunch", ADDRESS, ADDRESS);
  static final CudaFunction GRAPH_EXEC_UPDATE_V2 = status("cuGraphExecUpdate_v2", ADDRESS, ADDRESS, ADDRESS);
  static final CudaFunction GRAPH_EXEC_DESTROY = status("cuGraphExecDestroy", ADDRESS);
  static final CudaFunction GRAPH_DESTROY = status("cuGraphDestroy", ADDRESS);

  private CudaFunctions() {}

  /** A function that returns a CUresult. */
  private static CudaFunction status(String name, MemoryLayout... parameters) {
    return function(name, FunctionDescriptor.of(JAVA_INT, parameters));
  }

  private static CudaFunction function(String name, FunctionDescriptor descriptor) {
    return CudaFunction.of(CudaLibrary.DRIVER, name, descriptor);
  }
}
