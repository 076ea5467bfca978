package kiln.launcher.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import kiln.bindings.cuda.CudaLibrary;

/** Machines of a test's own. */
public final class CudaStates {
  private static final List<String> KERNELS = List.of("sm_80", "sm_90", "compute_80");

  private CudaStates() {}

  public static CudaState.Device h200(int index) {
    return new CudaState.Device(index, "NVIDIA H200", 9, 0, 132, 150_110_011_392L, 4.9167e12, null);
  }

  /** A card that is too old. */
  public static CudaState.Device t4(int index) {
    return new CudaState.Device(index, "Tesla T4", 7, 5, 40, 15_655_829_504L, 3.2e11, "found sm_75, expected sm_80 or newer");
  }

  public static CudaState noDriver() {
    return new CudaState(false, List.of(), List.of(), null, KERNELS);
  }

  /** A machine that has all that is needed, with these devices. */
  public static CudaState with(CudaState.Device... devices) {
    return new CudaState(true, libraries(), List.of(devices), null, KERNELS);
  }

  public static CudaState withH200s(int count) {
    return with(IntStream.range(0, count).mapToObj(CudaStates::h200).toArray(CudaState.Device[]::new));
  }

  public static CudaState without(CudaLibrary missing, String problem) {
    List<CudaState.Library> libraries = new ArrayList<>(libraries());
    libraries.replaceAll(l -> l.library() == missing ? new CudaState.Library(missing, null, null, problem) : l);
    return new CudaState(true, libraries, List.of(h200(0)), null, KERNELS);
  }

  public static CudaState failing(String failure) {
    return new CudaState(true, libraries(), List.of(), failure, KERNELS);
  }

  public static CudaState withoutKernels() {
    return new CudaState(true, libraries(), List.of(h200(0)), null, List.of());
  }

  private static List<CudaState.Library> libraries() {
    List<CudaState.Library> libraries = new ArrayList<>();
    for (CudaLibrary library : CudaLibrary.values()) {
      libraries.add(new CudaState.Library(library, "/lib/" + library.files().getFirst(), library.oldest() + ".1", null));
    }
    return libraries;
  }
}
