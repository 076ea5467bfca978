package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;

/**
 * The functions of NCCL that Kiln calls. Signatures are compared with the header by {@code native/checks/nccl.c},
 * and with that file by a test.
 */
final class NcclFunctions {
  /** ncclUniqueId, which is passed by value. */
  static final MemoryLayout UNIQUE_ID =
      MemoryLayout.structLayout(MemoryLayout.sequenceLayout(NcclConstants.UNIQUE_ID_BYTES, JAVA_BYTE));

  static final CudaFunction GET_VERSION = status("ncclGetVersion", ADDRESS);
  static final CudaFunction GET_ERROR_STRING = function("ncclGetErrorString", FunctionDescriptor.of(ADDRESS, JAVA_INT));
  static final CudaFunction GET_LAST_ERROR = function("ncclGetLastError", FunctionDescriptor.of(ADDRESS, ADDRESS));
  static final CudaFunction GET_UNIQUE_ID = status("ncclGetUniqueId", ADDRESS);

  // Communicators
  static final CudaFunction COMM_INIT_RANK_CONFIG =
      status("ncclCommInitRankConfig", ADDRESS, JAVA_INT, UNIQUE_ID, JAVA_INT, ADDRESS);
  static final CudaFunction COMM_SPLIT = status("ncclCommSplit", ADDRESS, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  static final CudaFunction COMM_FINALIZE = status("ncclCommFinalize", ADDRESS);
  static final CudaFunction COMM_DESTROY = status("ncclCommDestroy", ADDRESS);
  static final CudaFunction COMM_ABORT = status("ncclCommAbort", ADDRESS);
  static final CudaFunction COMM_GET_ASYNC_ERROR = status("ncclCommGetAsyncError", ADDRESS, ADDRESS);
  static final CudaFunction COMM_COUNT = status("ncclCommCount", ADDRESS, ADDRESS);
  static final CudaFunction COMM_USER_RANK = status("ncclCommUserRank", ADDRESS, ADDRESS);
  static final CudaFunction COMM_CU_DEVICE = status("ncclCommCuDevice", ADDRESS, ADDRESS);

  // Collectives
  static final CudaFunction ALL_REDUCE =
      status("ncclAllReduce", ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  static final CudaFunction REDUCE =
      status("ncclReduce", ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  static final CudaFunction REDUCE_SCATTER =
      status("ncclReduceScatter", ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  static final CudaFunction ALL_GATHER =
      status("ncclAllGather", ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS);
  static final CudaFunction BROADCAST =
      status("ncclBroadcast", ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  static final CudaFunction SEND = status("ncclSend", ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  static final CudaFunction RECV = status("ncclRecv", ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  static final CudaFunction GROUP_START = status("ncclGroupStart");
  static final CudaFunction GROUP_END = status("ncclGroupEnd");

  private NcclFunctions() {}

  /** A function that returns a ncclResult_t. */
  private static CudaFunction status(String name, MemoryLayout... parameters) {
    return function(name, FunctionDescriptor.of(JAVA_INT, parameters));
  }

  private static CudaFunction function(String name, FunctionDescriptor descriptor) {
    return CudaFunction.of(CudaLibrary.NCCL, name, descriptor);
  }
}
