package kiln.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** How Linux schedules the calling thread (sched(7), sched_setattr(2)). */
public final class ThreadScheduling {
  // The values of Linux on x86-64; native/checks/thread_scheduling.c compares them with the system's headers.
  private static final long SYS_SCHED_SETATTR = 314;
  private static final long SYS_SCHED_GETATTR = 315;

  /** Size of the first published struct sched_attr, which every kernel knows. */
  private static final int ATTR_BYTES = 48;

  private static final long ATTR_POLICY = 4;
  private static final long ATTR_RUNTIME = 24;
  private static final int SCHED_OTHER = 0;

  private static final int SELF = 0;

  /** long syscall(long number, pid_t thread, struct sched_attr *, unsigned int, unsigned int); set takes one number less. */
  private static final MethodHandle SYSCALL =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("syscall"),
              FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
              Linker.Option.firstVariadicArg(1));

  private ThreadScheduling() {}

  /**
   * Asks that the calling thread, when it wakes up, gets a core at once from threads with longer slices, as one that seldom runs
   * and then for a moment only. Its share of the processor stays the same, so nobody needs a privilege for this. Linux before
   * 6.12 takes the wish and does nothing.
   *
   * @param nanos for which it runs at a time; the kernel takes 100,000 to 100,000,000
   * @return whether the wish was taken
   */
  public static boolean shortSlice(long nanos) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment attr = call.allocate(ATTR_BYTES, Long.BYTES);
      long read = (long) SYSCALL.invokeExact(SYS_SCHED_GETATTR, SELF, attr, ATTR_BYTES, 0);
      if (read != 0 || attr.get(JAVA_INT, ATTR_POLICY) != SCHED_OTHER) {
        return false;
      }
      attr.set(JAVA_LONG, ATTR_RUNTIME, nanos);
      return (long) SYSCALL.invokeExact(SYS_SCHED_SETATTR, SELF, attr, 0, 0) == 0;
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** The slice that the calling thread was promised, in nanoseconds; 0 where the kernel does not say. */
  static long slice() {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment attr = call.allocate(ATTR_BYTES, Long.BYTES);
      long read = (long) SYSCALL.invokeExact(SYS_SCHED_GETATTR, SELF, attr, ATTR_BYTES, 0);
      return read == 0 ? attr.get(JAVA_LONG, ATTR_RUNTIME) : 0;
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }
}
