package kiln.bindings;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What nvcc made of {@code native/cuda}, for {@code cuModuleLoadData}; a build without nvcc has none. The system property {@value
 * #PROPERTY}, or else the environment variable {@value #VARIABLE}, may name another file, compiled for other GPUs for example.
 */
public final class DeviceKernelImage {
  public static final String PROPERTY = "kiln.cuda.kernels";
  public static final String VARIABLE = "KILN_CUDA_KERNELS";

  private static final String RESOURCE = "kiln/native/linux-x86_64/kiln_cuda.fatbin";

  /** What the build compiled it for, as in {@code sm_80 sm_90 compute_80}. */
  private static final String ARCHITECTURES = "kiln/native/linux-x86_64/kiln_cuda.architectures";

  private DeviceKernelImage() {}

  /** The file that the user names; empty if none is named. */
  private static Optional<Path> named() {
    String name = System.getProperty(PROPERTY, System.getenv().getOrDefault(VARIABLE, ""));
    return name.isEmpty() ? Optional.empty() : Optional.of(Path.of(name));
  }

  public static boolean isThere() {
    return named().isPresent() || DeviceKernelImage.class.getClassLoader().getResource(RESOURCE) != null;
  }

  /** Whose machine code it has, as sm_90, then for which PTX is there, as compute_80; none if Kiln was built without it. */
  public static List<String> architectures() {
    if (named().isPresent()) {
      return List.of(named().get().toString());
    }
    try (InputStream in = DeviceKernelImage.class.getClassLoader().getResourceAsStream(ARCHITECTURES)) {
      if (in == null || !isThere()) {
        return List.of();
      }
      return List.of(new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip().split(","));
    } catch (IOException e) {
      throw new UserException("backend cuda: " + ARCHITECTURES + " cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * A fatbin: machine code for sm_80 and sm_90, and PTX for newer ones.
   *
   * @throws UserException if Kiln was built without it, or the file that the user names cannot be read
   */
  public static byte[] read() {
    if (named().isPresent()) {
      try {
        return Files.readAllBytes(named().get());
      } catch (IOException e) {
        throw new UserException(VARIABLE + ": " + named().get() + " cannot be read", e);
      }
    }
    try (InputStream in = DeviceKernelImage.class.getClassLoader().getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new UserException(
            "backend cuda: this build of Kiln has no CUDA kernels, expected nvcc of CUDA 12.8 or newer (CUDA_HOME, PATH) when it"
                + " was built");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UserException("backend cuda: " + RESOURCE + " cannot be read: " + e.getMessage(), e);
    }
  }
}
