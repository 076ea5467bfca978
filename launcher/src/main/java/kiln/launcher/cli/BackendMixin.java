package kiln.launcher.cli;

import kiln.bindings.UserException;
import kiln.launcher.backend.BackendChoice;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What computes. */
final class BackendMixin {
  @Option(
      names = "--backend",
      paramLabel = "NAME",
      defaultValue = "auto",
      description = {
        "Kernels that compute: cuda (an NVIDIA GPU), cpu, reference (plain Java loops; very slow, for comparison), or auto: cuda",
        "if there is a driver, a GPU from sm_80 on and a build with CUDA kernels (see kiln doctor), else cpu."
      })
  private String name;

  @Option(
      names = "--device",
      paramLabel = "N",
      description = {
        "Number of the GPU, of those that CUDA_VISIBLE_DEVICES leaves. If not given, ranks of a machine take turns: the one in",
        "place L of its machine has GPU L modulo their number."
      })
  private Integer device;

  @Option(
      names = "--autotune",
      description = {
        "On a GPU: try several kernels for each convolution, attention and product once, when plans are made, and keep the fastest",
        "(PyTorch's cudnn.benchmark), instead of those that cuDNN and cuBLASLt hold to be the best. Each repeats its results bit",
        "for bit, but two starts may choose differently, and then differ in their last bits."
      })
  private boolean autotune;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** What the user says; auto is still auto. */
  BackendChoice choice() {
    try {
      return BackendChoice.parse(name, device, autotune);
    } catch (UserException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
