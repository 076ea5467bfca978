package kiln.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.time.Duration;
import java.util.Optional;

/**
 * What Linux knows of its time of day (adjtimex(2)). Nothing is set.
 *
 * @param synchronised whether something that knows the time better has told it lately
 * @param maxError by how much it may be wrong, by the kernel's own reckoning; grows while nothing is heard
 */
public record KernelClock(boolean synchronised, Duration maxError) {
  // Of Linux on x86-64; native/checks/kernel_clock.c compares them with the system's headers.
  static final int TIMEX_BYTES = 208;
  static final long MAXERROR = 24; // microseconds
  static final long STATUS = 40;
  static final int STA_UNSYNC = 64;

  private static final long NANOS = 1000;

  /** int adjtimex(struct timex *buf) */
  private static final MethodHandle ADJTIMEX =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("adjtimex"), FunctionDescriptor.of(JAVA_INT, ADDRESS));

  /** Empty where the kernel does not say, as in containers that are not allowed to ask. */
  public static Optional<KernelClock> read() {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment timex = call.allocate(TIMEX_BYTES, Long.BYTES); // modes 0: only asks
      int state = (int) ADJTIMEX.invokeExact(timex);
      if (state < 0) {
        return Optional.empty();
      }
      boolean synchronised = (timex.get(JAVA_INT, STATUS) & STA_UNSYNC) == 0;
      return Optional.of(new KernelClock(synchronised, Duration.ofNanos(timex.get(JAVA_LONG, MAXERROR) * NANOS)));
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }
}
