package kiln.bindings.cuda;

/**
 * Constants of the CUDA driver API ({@code cuda.h}, CUDA 13.0): enumerators, and sizes and offsets of structures. Compared with
 * the header by {@code native/checks/cuda.c}, and with that file by a test.
 */
final class CudaConstants {
  static final int CUDA_SUCCESS = 0;
  static final int CUDA_ERROR_OUT_OF_MEMORY = 2;
  static final int CUDA_ERROR_NO_DEVICE = 100;
  static final int CUDA_ERROR_NOT_READY = 600;

  /** What cuDeviceGetAttribute is asked for. */
  static final int CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT = 16;

  static final int CU_DEVICE_ATTRIBUTE_CLOCK_RATE = 13;
  static final int CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE = 36;
  static final int CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH = 37;
  static final int CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE = 38;
  static final int CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR = 75;
  static final int CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR = 76;
  static final int CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN = 97;
  static final int CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED = 115;

  static final int CU_STREAM_NON_BLOCKING = 1;
  static final int CU_EVENT_DEFAULT = 0;
  static final int CU_EVENT_DISABLE_TIMING = 2;
  static final int CU_MEMHOSTALLOC_PORTABLE = 1;
  static final int CU_STREAM_CAPTURE_MODE_THREAD_LOCAL = 1;
  static final int CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES = 8;
  static final int CU_FUNC_ATTRIBUTE_NUM_REGS = 4;
  static final int CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES = 3;
  static final int CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK = 0;
  static final int CU_JIT_ERROR_LOG_BUFFER = 5;
  static final int CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES = 6;
  static final int CU_GRAPH_EXEC_UPDATE_SUCCESS = 0;
  static final int CU_LAUNCH_ATTRIBUTE_COOPERATIVE = 2;
  static final int CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION = 4;

  /** Attributes of a pool; their values are cuuint64_t. */
  static final int CU_MEMPOOL_ATTR_RELEASE_THRESHOLD = 4;

  static final int CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT = 5;
  static final int CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH = 6;
  static final int CU_MEMPOOL_ATTR_USED_MEM_CURRENT = 7;
  static final int CU_MEMPOOL_ATTR_USED_MEM_HIGH = 8;

  /** CUmemPoolProps: of its members those that are not zero. */
  static final int POOL_PROPS_BYTES = 88;

  static final int POOL_PROPS_ALLOC_TYPE = 0;
  static final int POOL_PROPS_LOCATION_TYPE = 8;
  static final int POOL_PROPS_LOCATION_ID = 12;
  static final int POOL_PROPS_MAX_SIZE = 24;
  static final int CU_MEM_ALLOCATION_TYPE_PINNED = 1;
  static final int CU_MEM_LOCATION_TYPE_DEVICE = 1;

  /** CUlaunchConfig: three unsigned for the grid, three for the block, then these. */
  static final int LAUNCH_CONFIG_BYTES = 56;

  static final int LAUNCH_CONFIG_BLOCK = 12;
  static final int LAUNCH_CONFIG_SHARED_BYTES = 24;
  static final int LAUNCH_CONFIG_STREAM = 32;
  static final int LAUNCH_CONFIG_ATTRIBUTES = 40;
  static final int LAUNCH_CONFIG_NUM_ATTRIBUTES = 48;
  static final int LAUNCH_ATTRIBUTE_BYTES = 72;
  static final int LAUNCH_ATTRIBUTE_VALUE = 8;

  static final int GRAPH_UPDATE_RESULT_BYTES = 24;
  static final int UUID_BYTES = 16;

  private CudaConstants() {}
}
