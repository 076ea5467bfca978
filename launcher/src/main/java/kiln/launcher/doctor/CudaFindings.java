package kiln.launcher.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import kiln.bindings.DeviceKernelImage;
import kiln.bindings.UserException;
import kiln.bindings.cuda.CudaLibrary;
import kiln.bindings.cuda.CudaLibrarySearch;
import kiln.launcher.backend.CudaState;

/**
 * NVIDIA's libraries, the GPUs as the driver names them, and whether Kiln can train on them. Nothing where no driver runs, unless
 * the user names libraries.
 */
final class CudaFindings {
  private static final String DRIVER_FILE = "/proc/driver/nvidia/version";
  private static final String VERDICT = "--backend cuda";
  private static final double GIB = 1L << 30;
  private static final double TERA = 1e12;

  private final Machine machine;
  private final Supplier<CudaState> probe;

  /**
   * @param probe loads the libraries, and may throw a {@link UserException} that says how that ended
   */
  CudaFindings(Machine machine, Supplier<CudaState> probe) {
    this.machine = machine;
    this.probe = probe;
  }

  List<Finding> examine() {
    boolean driver = machine.read(DRIVER_FILE).isPresent() || machine.list("/dev").contains("dxg"); // the latter in WSL
    if (!driver && machine.environment().getOrDefault(CudaLibrarySearch.VARIABLE, "").isEmpty()) {
      return List.of();
    }
    CudaState state;
    try {
      state = probe.get();
    } catch (UserException e) {
      String advice = "install driver and libraries of versions that belong together; until then --backend cpu";
      return List.of(Finding.warning(VERDICT, "would not work: " + e.getMessage(), advice));
    }
    List<Finding> findings = new ArrayList<>();
    state.libraries().forEach(library -> findings.add(library(library)));
    state.devices().forEach(device -> findings.add(device(device)));
    findings.add(kernels(state.kernels()));
    findings.add(verdict(state));
    return findings;
  }

  private static Finding library(CudaState.Library found) {
    CudaLibrary library = found.library();
    String subject = name(library);
    if (found.problem() == null) {
      String what = library == CudaLibrary.DRIVER ? "CUDA " + found.version() : found.version();
      return Finding.fine(subject, what + ", " + found.path());
    }
    String advice = "install " + library.source() + ", " + library.oldest() + " or newer";
    return switch (library) {
      case DRIVER, CUBLASLT, CUDNN -> Finding.warning(subject, found.problem(), advice);
      case NCCL -> Finding.absent(subject, found.problem(), "for several GPUs: " + advice);
      case NVRTC -> Finding.absent(subject, found.problem(), "for some of cuDNN's kernels: " + advice);
    };
  }

  private static String name(CudaLibrary library) {
    return switch (library) {
      case DRIVER -> "CUDA driver";
      case NVRTC -> "NVRTC";
      case CUBLASLT -> "cuBLASLt";
      case CUDNN -> "cuDNN";
      case NCCL -> "NCCL";
    };
  }

  private static Finding device(CudaState.Device device) {
    String subject = "GPU " + device.index();
    String found =
        String.format(
            Locale.ROOT, "%s, %s, %.1f GiB, %d multiprocessors, memory %.2f TB/s at most", device.name(), device.architecture(),
            device.bytes() / GIB, device.multiprocessors(), device.peakBytes() / TERA);
    if (device.problem() == null) {
      return Finding.fine(subject, found);
    }
    String what = device.bytes() == 0 ? device.problem() : found + ": " + device.problem();
    return Finding.warning(subject, what, "leave it out: CUDA_VISIBLE_DEVICES with the numbers of the others");
  }

  private static Finding kernels(List<String> architectures) {
    String subject = "CUDA kernels";
    if (architectures.isEmpty()) {
      return Finding.warning(
          subject, "this build has none", "install CUDA 12.8 or newer (nvcc on the PATH or in CUDA_HOME), then ./kiln build");
    }
    if (architectures.stream().noneMatch(a -> a.startsWith("sm_"))) {
      return Finding.fine(subject, String.join(", ", architectures) + ", as " + DeviceKernelImage.VARIABLE + " says");
    }
    String code = architectures.stream().filter(a -> a.startsWith("sm_")).collect(Collectors.joining(", "));
    Optional<String> ptx = architectures.stream().filter(a -> a.startsWith("compute_")).findFirst();
    return Finding.fine(subject, "for " + code + ptx.map(a -> ", and PTX (" + a + ") for newer GPUs").orElse(""));
  }

  private static Finding verdict(CudaState state) {
    int devices = state.usable().size();
    return state
        .problem()
        .map(line -> Finding.warning(VERDICT, "would not work: " + line, "see the lines above; until then --backend cpu"))
        .orElseGet(
            () ->
                Finding.fine(
                    VERDICT, "would work, on " + (devices == 1 ? "one GPU" : devices + " GPUs") + "; auto takes it"));
  }
}
