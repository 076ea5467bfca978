package kiln.launcher.backend;

import java.util.Locale;

/** Which kernels compute. */
public enum BackendKind {
  /** oneDNN and Kiln's own kernels, on all threads that the rank may use. */
  CPU,
  /** cuDNN, cuBLASLt and Kiln's own kernels, on an NVIDIA GPU. */
  CUDA,
  /** Plain Java loops, hundreds of times slower: to find out whether a kernel is to blame. */
  REFERENCE;

  /** As users write it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
