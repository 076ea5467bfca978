package kiln.launcher.telemetry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much memory the process has used at the highest: {@code VmHWM} of proc(5). */
public final class PeakMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final double KIB_PER_MB = 1.024e-3;

  private PeakMemory() {}

  /** Megabytes of resident memory, native and Java; 0 on a system without /proc. */
  public static double megabytes() {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith("VmHWM:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) * KIB_PER_MB;
        }
      }
    } catch (IOException e) {
      // No /proc here.
    }
    return 0;
  }
}
