package kiln.collectives.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A process of this machine: its number and, because numbers are used again, when it started.
 *
 * @param startTime in units and from an origin that are the same for all processes of the machine; 0 if not known
 */
record ProcessIdentity(long pid, long startTime) {
  /** Of what follows the name in /proc/PID/stat; see proc(5): field 3 is the state, field 22 the start time. */
  private static final int STATE = 0;

  private static final int START_TIME = 22 - 3;

  static ProcessIdentity current() {
    long pid = ProcessHandle.current().pid();
    return new ProcessIdentity(pid, startTime(pid).orElse(0L));
  }

  /** Whether it runs; a zombie, killed but not yet waited for by its parent, does not. */
  boolean isAlive() {
    Optional<Long> now = startTime(pid);
    return now.isPresent() && (startTime == 0 || now.get() == startTime);
  }

  private static Optional<Long> startTime(long pid) {
    if (!Files.exists(Path.of("/proc/self/stat"))) {
      return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).map(ProcessIdentity::startMillis);
    }
    try {
      String stat = new String(Files.readAllBytes(Path.of("/proc", Long.toString(pid), "stat")), StandardCharsets.ISO_8859_1);
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      boolean dead = fields[STATE].equals("Z") || fields[STATE].equals("X");
      return dead ? Optional.empty() : Optional.of(Long.parseLong(fields[START_TIME]));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      // Reading the file of a process that is just ending fails with ESRCH.
      return Optional.empty();
    }
  }

  private static long startMillis(ProcessHandle process) {
    return process.info().startInstant().map(java.time.Instant::toEpochMilli).orElse(0L);
  }
}
