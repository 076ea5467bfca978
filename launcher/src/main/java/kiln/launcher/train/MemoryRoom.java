package kiln.launcher.train;

import java.util.Locale;
import kiln.bindings.UserException;
import kiln.launcher.backend.BackendChoice;
import kiln.launcher.backend.BackendKind;
import kiln.launcher.backend.CudaState;
import kiln.launcher.backend.DeviceRoom;
import kiln.launcher.ranks.RankEnvironment;

/**
 * How much memory a rank has for what training computes on: that of its process, or that of its GPU, beside which the process is
 * small and not counted.
 *
 * @param bytes that the rank may use
 * @param name what says so, as in {@code option --memory} or {@code GPU 0 (NVIDIA H200)}
 * @param onDevice whether it is a GPU's
 * @param user who takes what is not the run's own data: {@code Java}, {@code CUDA}
 * @param taken bytes of that
 */
record MemoryRoom(long bytes, String name, boolean onDevice, String user, long taken) {
  /** The Java machine and the libraries beside the heap: somewhat more than the 200 MB that runs of the presets took. */
  static final long PROCESS = 250_000_000;

  private static final String OPTION = "option --memory";

  /**
   * Of a process.
   *
   * @param limit what the user allows
   * @param heapBytes most bytes of the Java heap
   */
  static MemoryRoom ofProcess(long limit, long heapBytes) {
    return new MemoryRoom(limit, OPTION, false, "Java", heapBytes + PROCESS);
  }

  /**
   * Of a rank's GPU, before the rank has anything there. Ranks that share a GPU have equal parts of all its memory: what is free
   * depends on which of them was first.
   *
   * @param limit what the user allows; null for what is there
   * @param free bytes that nobody has beside what a process needs to use the GPU at all
   * @param sharers ranks on this GPU
   * @throws UserException if the GPU has not that much
   */
  static MemoryRoom ofDevice(Long limit, CudaState.Device device, long free, int sharers) {
    String name = String.format(Locale.ROOT, "GPU %d (%s)", device.index(), device.name());
    if (limit == null) {
      return sharers == 1
          ? new MemoryRoom(free, name, true, "CUDA", DeviceRoom.LIBRARIES)
          : new MemoryRoom(device.bytes() / sharers, "a rank's part of " + name, true, "CUDA", DeviceRoom.CONTEXT + DeviceRoom.LIBRARIES);
    }
    if (limit > device.bytes() / sharers) {
      String shared = sharers == 1 ? "" : ", which " + sharers + " ranks share";
      throw new UserException(
          OPTION + ": expected at most the " + MemoryUse.gigabytesBelow(device.bytes() / sharers) + " GB of " + name + shared
              + ", found " + MemoryUse.gigabytes(limit) + " GB");
    }
    return new MemoryRoom(limit, OPTION, true, "CUDA", DeviceRoom.CONTEXT + DeviceRoom.LIBRARIES);
  }

  /**
   * Of a rank that is about to open its backend; null if it may use any number of bytes.
   *
   * @param limit what the user allows; null if nothing is said
   * @param heapBytes most bytes of the Java heap
   * @throws UserException if there is no such GPU, or it has not that much
   */
  static MemoryRoom of(BackendChoice backend, Long limit, long heapBytes, RankEnvironment rank) {
    if (backend.kind() != BackendKind.CUDA) {
      return limit == null ? null : ofProcess(limit, heapBytes);
    }
    CudaState state = CudaState.here();
    CudaState.Device device = backend.gpu(rank.placeOnMachine());
    int devices = backend.device() == null ? state.usable().size() : 1;
    int sharers = Math.ceilDiv(Math.max(1, rank.localSize()), devices);
    return ofDevice(limit, device, DeviceRoom.freeBytes(device.index()), sharers);
  }

  /** As in {@code --memory 8.000 GB}, or {@code GPU 0 (NVIDIA H200) has 139.200 GB free}. */
  String describe() {
    return name.equals(OPTION)
        ? "--memory " + MemoryUse.gigabytes(bytes) + " GB"
        : name + " has " + MemoryUse.gigabytesBelow(bytes) + " GB free";
  }

  /** What is said if {@code least} does not fit. */
  UserException tooLittle(MemoryUse least) {
    String found = name.equals(OPTION) ? MemoryUse.gigabytes(bytes) + " GB" : MemoryUse.gigabytesBelow(bytes) + " GB free";
    String smaller = name.equals(OPTION) ? "" : "; a smaller micro_batch needs less";
    return new UserException(
        name + ": expected at least " + least.describe() + " (" + least.means() + "), found " + found + smaller);
  }
}
