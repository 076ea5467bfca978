package kiln.launcher.telemetry;

import java.lang.management.ManagementFactory;

/**
 * Bytes that the process allocates on the Java heap, all threads together, those that have ended included: what the collector
 * has to clear away sooner or later.
 */
public final class HeapMeter {
  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  private long last = THREADS.getTotalThreadAllocatedBytes();

  /** Bytes allocated since the last call, or since construction. */
  public long lap() {
    long now = THREADS.getTotalThreadAllocatedBytes();
    long allocated = now - last;
    last = now;
    return allocated;
  }
}
