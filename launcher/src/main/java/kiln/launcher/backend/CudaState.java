package kiln.launcher.backend;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import kiln.bindings.DeviceKernelImage;
import kiln.bindings.NativeException;
import kiln.bindings.UserException;
import kiln.bindings.cuda.CudaDevice;
import kiln.bindings.cuda.CudaDriver;
import kiln.bindings.cuda.CudaLibraries;
import kiln.bindings.cuda.CudaLibrary;
import kiln.bindings.cuda.CudaLibrarySearch;

/**
 * What there is of what the CUDA backend needs. Where no driver runs, nothing of NVIDIA's is loaded to find that out.
 *
 * @param driver whether a driver runs
 * @param libraries none without a driver
 * @param devices those that this process may use, by their number; none without a driver
 * @param failure what the driver says instead of naming its devices, in one line; null if it names them
 * @param kernels what Kiln's own kernels were compiled for, as sm_90; none if this build has none
 */
public record CudaState(
    boolean driver, List<Library> libraries, List<Device> devices, String failure, List<String> kernels) {
  /** The oldest GPUs that the kernels are compiled for: Ampere. */
  private static final int OLDEST_MAJOR = 8;

  private static final List<Path> SIGNS_OF_A_DRIVER =
      List.of(Path.of("/proc/driver/nvidia/version"), Path.of("/dev/dxg")); // the latter in WSL

  /**
   * What was found of a library.
   *
   * @param path the file; null if none was found
   * @param version as the library says it; null if it could not be asked
   * @param problem why it cannot be used; null if it can
   */
  public record Library(CudaLibrary library, String path, String version, String problem) {
    private static Library of(CudaLibraries.Report report) {
      return new Library(
          report.library(), report.path().map(Path::toString).orElse(null), report.version().orElse(null),
          report.problem().orElse(null));
    }
  }

  /**
   * A device.
   *
   * @param index its number in this process
   * @param major of its compute capability
   * @param bytes all of its memory
   * @param peakBytes what its memory moves in a second at most
   * @param problem why it cannot be used; null if it can
   */
  public record Device(
      int index, String name, int major, int minor, int multiprocessors, long bytes, double peakBytes, String problem) {
    private static Device of(int index) {
      try {
        CudaDevice d = CudaDevice.of(index);
        String problem =
            d.computeMajor() >= OLDEST_MAJOR ? null : "found " + d.architecture() + ", expected sm_80 or newer";
        return new Device(
            index, d.name(), d.computeMajor(), d.computeMinor(), d.numMultiprocessors(), d.memoryBytes(),
            d.peakBytesPerSecond(), problem);
      } catch (UserException | NativeException e) {
        return new Device(index, "unknown", 0, 0, 0, 0, 0, e.getMessage());
      }
    }

    /** As in sm_90. */
    public String architecture() {
      return "sm_" + major + minor;
    }

    boolean isUsable() {
      return problem == null;
    }
  }

  public CudaState {
    libraries = List.copyOf(libraries);
    devices = List.copyOf(devices);
    kernels = List.copyOf(kernels);
  }

  /** Of this process: loads NVIDIA's libraries, if a driver runs, and makes nothing on any device. */
  public static CudaState here() {
    List<String> kernels = DeviceKernelImage.architectures();
    if (!isDriverThere()) {
      return new CudaState(false, List.of(), List.of(), null, kernels);
    }
    List<Library> libraries = CudaLibraries.reports().stream().map(Library::of).toList();
    List<Device> devices = new ArrayList<>();
    String failure = null;
    try {
      int count = CudaDriver.numDevices();
      for (int i = 0; i < count; i++) {
        devices.add(Device.of(i));
      }
    } catch (UserException e) {
      failure = e.getMessage();
    } catch (NativeException e) {
      failure = e.status() == CudaDriver.NO_DEVICE ? null : e.getMessage();
    }
    return new CudaState(true, libraries, devices, failure, kernels);
  }

  /** Whether one runs here, or the user names one. */
  private static boolean isDriverThere() {
    CudaLibrarySearch named = new CudaLibrarySearch(CudaLibrarySearch.ofProcess().named(), Map.of(), List.of());
    return SIGNS_OF_A_DRIVER.stream().anyMatch(Files::exists) || !named.candidates(CudaLibrary.DRIVER).isEmpty();
  }

  /** Why the CUDA backend cannot be used, in one line; empty if it can. */
  public Optional<String> problem() {
    if (!driver) {
      return Optional.of("no NVIDIA driver runs");
    }
    Stream<String> needed =
        Stream.of(CudaLibrary.DRIVER, CudaLibrary.CUBLASLT, CudaLibrary.CUDNN).flatMap(this::problem);
    Stream<String> first = failure == null ? needed : Stream.concat(problem(CudaLibrary.DRIVER), Stream.of(failure));
    return Stream.concat(first, rest()).findFirst();
  }

  private Stream<String> problem(CudaLibrary library) {
    return libraries.stream()
        .filter(l -> l.library() == library && l.problem() != null)
        .map(l -> library.stem() + ": " + l.problem());
  }

  private Stream<String> rest() {
    if (devices.isEmpty()) {
      return Stream.of("found no device, expected at least one (CUDA_VISIBLE_DEVICES, --gres of SLURM, --gpus of Docker)");
    }
    if (usable().isEmpty()) {
      Device device = devices.getFirst();
      return Stream.of("device " + device.index() + " (" + device.name() + "): " + device.problem());
    }
    return kernels.isEmpty()
        ? Stream.of("this build of Kiln has no CUDA kernels, expected nvcc of CUDA 12.8 or newer when it was built")
        : Stream.empty();
  }

  /** The devices that can compute. */
  public List<Device> usable() {
    return devices.stream().filter(Device::isUsable).toList();
  }

  /**
   * The device of a rank.
   *
   * @param wanted its number; empty for any: ranks of a machine take turns
   * @param localRank place of the rank among those of its machine
   * @throws UserException if it cannot compute here
   */
  public Device device(OptionalInt wanted, int localRank) {
    problem().ifPresent(line -> {
      throw new UserException("option --backend: cuda: " + line);
    });
    if (wanted.isEmpty()) {
      return usable().get(localRank % usable().size());
    }
    int index = wanted.getAsInt();
    if (index >= devices.size()) {
      String range = devices.size() == 1 ? "0, the only one" : "0 to " + (devices.size() - 1);
      throw new UserException("option --device: expected " + range + ", found " + index);
    }
    Device device = devices.get(index);
    if (!device.isUsable()) {
      throw new UserException("option --device: " + index + " (" + device.name() + "): " + device.problem());
    }
    return device;
  }
}
