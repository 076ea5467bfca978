package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** The CUDA driver of this process, initialised when it is first asked for something. */
public final class CudaDriver {
  /** Status of a driver that finds no device that this process may use: CUDA_ERROR_NO_DEVICE. */
  public static final int NO_DEVICE = CudaConstants.CUDA_ERROR_NO_DEVICE;

  private static boolean initialised;

  private CudaDriver() {}

  /**
   * Loads and initialises the driver, once.
   *
   * @throws kiln.bindings.UserException if there is no driver
   * @throws kiln.bindings.NativeException if it finds no device, or does not work
   */
  static synchronized void initialise() {
    if (!initialised) {
      CudaLibraries.require(CudaLibrary.DRIVER);
      CudaFunctions.INIT.call(0);
      initialised = true;
    }
  }

  /**
   * How many devices this process may use.
   *
   * @throws kiln.bindings.UserException if there is no driver
   * @throws kiln.bindings.NativeException if it does not work; with {@link #NO_DEVICE} if it finds none
   */
  public static int numDevices() {
    initialise();
    try (Arena call = Arena.ofConfined()) {
      MemorySegment count = call.allocate(JAVA_INT);
      CudaFunctions.DEVICE_GET_COUNT.call(count);
      return count.get(JAVA_INT, 0);
    }
  }

  /** The devices, by their index. */
  public static List<CudaDevice> devices() {
    int count = numDevices();
    List<CudaDevice> devices = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      devices.add(CudaDevice.of(i));
    }
    return devices;
  }
}
