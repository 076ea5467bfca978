package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static kiln.bindings.cuda.CudaConstants.CU_DEVICE_ATTRIBUTE_CLOCK_RATE;
import static kiln.bindings.cuda.CudaConstants.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static kiln.bindings.cuda.CudaConstants.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static kiln.bindings.cuda.CudaConstants.CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH;
import static kiln.bindings.cuda.CudaConstants.CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE;
import static kiln.bindings.cuda.CudaConstants.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN;
import static kiln.bindings.cuda.CudaConstants.CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE;
import static kiln.bindings.cuda.CudaConstants.CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED;
import static kiln.bindings.cuda.CudaConstants.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import kiln.bindings.UserException;

/**
 * A device, and what the driver says of it.
 *
 * @param index its number in this process, from 0 (see {@code CUDA_VISIBLE_DEVICES})
 * @param handle CUdevice
 * @param uuid 32 hexadecimal digits, the same in every process
 * @param pciBusId as in 0000:1B:00.0
 * @param memoryBytes all of its memory
 * @param clockKilohertz of its multiprocessors, at most
 * @param memoryBusBits how many bits its memory moves at a time, twice in every cycle of its clock
 * @param maxSharedBytes of shared memory that a block can have, if its kernel asks for it
 */
public record CudaDevice(
    int index,
    int handle,
    String name,
    String uuid,
    String pciBusId,
    int computeMajor,
    int computeMinor,
    long memoryBytes,
    int numMultiprocessors,
    int clockKilohertz,
    int memoryClockKilohertz,
    int memoryBusBits,
    int l2Bytes,
    int maxSharedBytes) {
  private static final int TEXT_BYTES = 256;

  /**
   * @throws UserException if there is no such device, or it has no memory pools
   */
  public static CudaDevice of(int index) {
    CudaDriver.initialise();
    try (Arena call = Arena.ofConfined()) {
      MemorySegment number = call.allocate(JAVA_LONG);
      CudaFunctions.DEVICE_GET_COUNT.call(number);
      int count = number.get(JAVA_INT, 0);
      if (index < 0 || index >= count) {
        throw new UserException("CUDA device: found " + index + ", expected one of the " + count + " from 0 on");
      }
      CudaFunctions.DEVICE_GET.call(number, index);
      int handle = number.get(JAVA_INT, 0);
      MemorySegment text = call.allocate(TEXT_BYTES);
      CudaFunctions.DEVICE_GET_NAME.call(text, TEXT_BYTES, handle);
      String name = text.getString(0);
      CudaFunctions.DEVICE_GET_PCIBUS_ID.call(text, TEXT_BYTES, handle);
      String pciBusId = text.getString(0);
      MemorySegment uuid = call.allocate(CudaConstants.UUID_BYTES);
      CudaFunctions.DEVICE_GET_UUID_V2.call(uuid, handle);
      CudaFunctions.DEVICE_TOTAL_MEM_V2.call(number, handle);
      long memoryBytes = number.get(JAVA_LONG, 0);
      if (attribute(call, CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED, handle) == 0) {
        throw new UserException("CUDA device " + index + " (" + name + ") has no memory pools, expected one that does");
      }
      return new CudaDevice(
          index,
          handle,
          name,
          HexFormat.of().formatHex(uuid.toArray(JAVA_BYTE)),
          pciBusId,
          attribute(call, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, handle),
          attribute(call, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, handle),
          memoryBytes,
          attribute(call, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, handle),
          attribute(call, CU_DEVICE_ATTRIBUTE_CLOCK_RATE, handle),
          attribute(call, CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE, handle),
          attribute(call, CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH, handle),
          attribute(call, CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE, handle),
          attribute(call, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, handle));
    }
  }

  /** As in sm_90. */
  public String architecture() {
    return "sm_" + computeMajor + computeMinor;
  }

  /** What its memory moves in a second at most, by its clock and its bus. */
  public double peakBytesPerSecond() {
    return 2.0 * 1000 * memoryClockKilohertz * memoryBusBits / Byte.SIZE;
  }

  private static int attribute(Arena call, int attribute, int handle) {
    MemorySegment value = call.allocate(JAVA_INT);
    CudaFunctions.DEVICE_GET_ATTRIBUTE.call(value, attribute, handle);
    return value.get(JAVA_INT, 0);
  }
}
