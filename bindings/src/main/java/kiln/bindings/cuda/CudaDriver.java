package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** The CUDA driver of this process, initialised when it is first asked for something. */
public final class CudaDriver {
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

  /** The devices, by their index. */
  public static List<CudaDevice> devices() {
    initialise();
    try (Arena call = Arena.ofConfined()) {
      MemorySegment count = call.allocate(JAVA_INT);
      CudaFunctions.DEVICE_GET_COUNT.call(count);
      List<CudaDevice> devices = new ArrayList<>();
      for (int i = 0; i < count.get(JAVA_INT, 0); i++) {
        devices.add(CudaDevice.of(i));
      }
      return devices;
    }
  }
}
