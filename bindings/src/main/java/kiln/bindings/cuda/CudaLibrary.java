package kiln.bindings.cuda;

import java.util.List;

/** The libraries of NVIDIA's that Kiln calls, or that those it calls load. */
public enum CudaLibrary {
  /** The CUDA driver API, which comes with the driver. */
  DRIVER("libcuda", List.of("libcuda.so.1"), "cuDriverGetVersion", "12.8", "the NVIDIA driver"),
  /** What cuDNN compiles kernels with; Kiln does not call it. */
  NVRTC(
      "libnvrtc",
      List.of("libnvrtc.so.13", "libnvrtc.so.12"),
      "nvrtcVersion",
      "12.0",
      "CUDA, or pip's nvidia-cuda-nvrtc"),
  CUBLASLT(
      "libcublasLt",
      List.of("libcublasLt.so.13", "libcublasLt.so.12"),
      "cublasLtGetVersion",
      "12.0",
      "CUDA, or pip's nvidia-cublas"),
  CUDNN("libcudnn", List.of("libcudnn.so.9"), "cudnnGetVersion", "9.16", "cuDNN 9, or pip's nvidia-cudnn-cu13"),
  NCCL("libnccl", List.of("libnccl.so.2"), "ncclGetVersion", "2.18", "NCCL, or pip's nvidia-nccl-cu13");

  private final String stem;
  private final List<String> files;
  private final String versionFunction;
  private final String oldest;
  private final String source;

  CudaLibrary(String stem, List<String> files, String versionFunction, String oldest, String source) {
    this.stem = stem;
    this.files = files;
    this.versionFunction = versionFunction;
    this.oldest = oldest;
    this.source = source;
  }

  /** As in {@code libcudnn}: how its files' names start. */
  public String stem() {
    return stem;
  }

  /** The names that a loader knows it by, the best first. */
  public List<String> files() {
    return files;
  }

  /** What brings it, for messages. */
  public String source() {
    return source;
  }

  /** The oldest version that has what Kiln calls. */
  public String oldest() {
    return oldest;
  }

  /** Which of its functions says its version; {@link CudaVersion} knows how. */
  String versionFunction() {
    return versionFunction;
  }
}
