package kiln.bench.gpu.check;

import java.nio.file.Path;
import kiln.launcher.backend.BackendChoice;
import kiln.launcher.backend.Backends;
import kiln.model.plan.Backend;

/**
 * What is checked.
 *
 * @param backend as users name it
 * @param device number of the GPU; null for the first one, or for a backend without devices
 * @param out folder for what checks leave
 */
record CheckSettings(String backend, Integer device, Path out) {
  private static final String CUDA = "cuda";

  Backend open() {
    return Backends.open(BackendChoice.parse(backend, device, false));
  }

  boolean isCuda() {
    return backend.equals(CUDA);
  }

  /** The options of a command of Kiln's. */
  String[] options() {
    return device == null
        ? new String[] {"--backend", backend}
        : new String[] {"--backend", backend, "--device", device.toString()};
  }
}
