package kiln.launcher.doctor;

import java.util.List;
import kiln.bindings.NativeLibraries;
import kiln.bindings.Onednn;
import kiln.bindings.TurboJpeg;
import kiln.bindings.UserException;

/** What Kiln computes with. */
final class NativeFindings {
  private NativeFindings() {}

  static List<Finding> of() {
    return List.of(libraries(), processor(), jpeg());
  }

  private static Finding libraries() {
    String subject = "native libraries";
    try {
      String threads = NativeLibraries.numThreads() + " threads";
      return Finding.fine(subject, version() + ", " + threads + ", in " + NativeLibraries.loadedFrom());
    } catch (UserException | IllegalStateException | LinkageError e) {
      return Finding.wrong(subject, String.valueOf(e.getMessage()), "./kiln build");
    }
  }

  /** Of what computes. */
  static String version() {
    return "oneDNN " + Onednn.version();
  }

  private static Finding processor() {
    String subject = "processor";
    try {
      return Onednn.multipliesBf16()
          ? Finding.fine(subject, Onednn.cpuIsa())
          : Finding.absent(subject, Onednn.cpuIsa() + ": no AVX512-BF16, no AMX", "train with --precision float32");
    } catch (UserException | IllegalStateException | LinkageError e) {
      return Finding.wrong(subject, "unknown: " + e.getMessage(), "./kiln build");
    }
  }

  private static Finding jpeg() {
    String subject = "JPEG decoder";
    return TurboJpeg.isAvailable()
        ? Finding.fine(subject, TurboJpeg.FILE)
        : Finding.absent(subject, "no " + TurboJpeg.FILE, "to prepare JPEG files faster: install " + TurboJpeg.PACKAGE);
  }
}
