package kiln.launcher.telemetry;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;

/**
 * How much memory the process has used at the highest: {@code VmHWM} of proc(5). The file stays open and is read into one
 * array, so that asking at every step leaves no garbage.
 */
public final class PeakMemory {
  private static final String STATUS = "/proc/self/status";
  private static final byte[] KEY = "\nVmHWM:".getBytes(StandardCharsets.US_ASCII);
  private static final double KIB_PER_MB = 1.024e-3;
  private static final int MOST = 4096; // the line is among the first 20

  private static final PeakMemory PROCESS = new PeakMemory();

  private final byte[] text = new byte[MOST];
  private final RandomAccessFile status = open(); // null on a system without /proc

  private PeakMemory() {}

  private static RandomAccessFile open() {
    try {
      return new RandomAccessFile(STATUS, "r");
    } catch (IOException e) {
      return null;
    }
  }

  /** Megabytes of resident memory, native and Java; 0 on a system without /proc. */
  public static double megabytes() {
    return PROCESS.read() * KIB_PER_MB;
  }

  private synchronized long read() {
    if (status == null) {
      return 0;
    }
    try {
      status.seek(0);
      return number(status.read(text));
    } catch (IOException e) {
      return 0;
    }
  }

  /** What follows the key in the first {@code length} bytes; 0 without it. */
  private long number(int length) {
    for (int at = 0; at + KEY.length < length; at++) {
      if (isKey(at)) {
        return digits(at + KEY.length, length);
      }
    }
    return 0;
  }

  private boolean isKey(int at) {
    int same = 0;
    while (same < KEY.length && text[at + same] == KEY[same]) {
      same++;
    }
    return same == KEY.length;
  }

  private long digits(int from, int length) {
    long value = 0;
    for (int i = from; i < length && text[i] != '\n'; i++) {
      if (text[i] >= '0' && text[i] <= '9') {
        value = 10 * value + text[i] - '0';
      }
    }
    return value;
  }
}
