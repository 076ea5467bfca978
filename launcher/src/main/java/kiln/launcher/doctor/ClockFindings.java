package kiln.launcher.doctor;

import java.util.Locale;
import java.util.Optional;
import kiln.bindings.KernelClock;

/** Whether this machine's clock is set by something that knows the time. */
final class ClockFindings {
  private static final String SUBJECT = "clock";

  private ClockFindings() {}

  static Finding of(Optional<KernelClock> clock) {
    if (clock.isEmpty()) {
      String advice = "to compare machines: mpirun … ./kiln doctor";
      return Finding.absent(SUBJECT, "the kernel does not say how well it is set", advice);
    }
    if (!clock.get().synchronised()) {
      return Finding.warning(
          SUBJECT,
          "not synchronised",
          "timedatectl set-ntp true, or install chrony: times of several machines' logs and files do not compare");
    }
    double millis = clock.get().maxError().toNanos() / 1e6;
    return Finding.fine(SUBJECT, String.format(Locale.ROOT, "synchronised, off by %.1f ms at most", millis));
  }
}
