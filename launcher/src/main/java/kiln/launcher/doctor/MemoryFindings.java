package kiln.launcher.doctor;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Memory, that which ranks share, and what the shell's limits leave of either. */
final class MemoryFindings {
  private static final double GIB = 1L << 30;

  /** Where the ranks of a machine meet; gradients of several GB are not kept there, only what is under way. */
  private static final String SHARED = "/dev/shm";

  static final long LEAST_SHARED = 64L << 20;

  /** The smallest preset trains in that. */
  private static final long LEAST_FREE = 1L << 30;

  private static final long LEAST_FILES = 1024;
  private static final long LEAST_PROCESSES = 1024;
  private static final String UNLIMITED = "unlimited";

  private final Machine machine;
  private final long leastShared;

  MemoryFindings(Machine machine) {
    this(machine, LEAST_SHARED);
  }

  /**
   * @param leastShared bytes of shared memory below which ranks cannot meet
   */
  MemoryFindings(Machine machine, long leastShared) {
    this.machine = machine;
    this.leastShared = leastShared;
  }

  List<Finding> examine() {
    return List.of(shared(), memory(), limits());
  }

  private Finding shared() {
    Path folder = machine.path(SHARED);
    try {
      FileStore store = Files.getFileStore(folder);
      String found = String.format(Locale.ROOT, "%s, %.1f GiB free", folder, store.getUsableSpace() / GIB);
      return store.getUsableSpace() >= leastShared
          ? Finding.fine("shared memory", found)
          : Finding.wrong("shared memory", found, "mount -o remount,size=1g " + SHARED + "; in Docker: --shm-size 1g");
    } catch (IOException e) {
      String found = folder + ": cannot be used (" + e.getClass().getSimpleName() + ")";
      return Finding.absent("shared memory", found, "ranks of one machine meet in the temporary folder instead");
    }
  }

  private Finding memory() {
    long total = meminfo("MemTotal");
    long free = meminfo("MemAvailable");
    OptionalLong limit = new ControlGroups(machine).memory();
    String found = String.format(Locale.ROOT, "%.1f GiB, %.1f GiB free", total / GIB, free / GIB);
    if (limit.isPresent() && limit.getAsLong() < total) {
      found += String.format(Locale.ROOT, ", of which the control group gives %.1f GiB", limit.getAsLong() / GIB);
      free = Math.min(free, limit.getAsLong());
    }
    return free >= LEAST_FREE
        ? Finding.fine("memory", found)
        : Finding.warning("memory", found, "end other programs, or ask for more (srun --mem); see ./kiln explain");
  }

  private long meminfo(String key) {
    return line("/proc/meminfo", key + ":\\s*(\\d{1,15}) kB").map(kilobytes -> Long.parseLong(kilobytes) * 1024).orElse(0L);
  }

  private Finding limits() {
    String files = limit("Max open files");
    String processes = limit("Max processes");
    String locked = limit("Max locked memory");
    String fileSize = limit("Max file size");
    String addresses = limit("Max address space");
    List<String> advice = new ArrayList<>();
    if (below(files, LEAST_FILES)) {
      advice.add("ulimit -n " + LEAST_FILES);
    }
    if (below(processes, LEAST_PROCESSES)) {
      advice.add("ulimit -u " + LEAST_PROCESSES);
    }
    if (!fileSize.equals(UNLIMITED)) {
      advice.add("ulimit -f unlimited, or checkpoints may be cut short");
    }
    if (!addresses.equals(UNLIMITED)) {
      advice.add("ulimit -v unlimited: Kiln maps more than it uses");
    }
    if (!machine.list("/sys/class/infiniband").isEmpty() && !locked.equals(UNLIMITED)) {
      advice.add("ulimit -l unlimited: Open MPI locks memory for InfiniBand");
    }
    String found = "open files %s, processes %s, locked memory %s".formatted(files, processes, bytes(locked));
    if (!fileSize.equals(UNLIMITED)) {
      found += ", file size " + bytes(fileSize);
    }
    if (!addresses.equals(UNLIMITED)) {
      found += ", address space " + bytes(addresses);
    }
    return advice.isEmpty() ? Finding.fine("limits", found) : Finding.warning("limits", found, String.join("; ", advice));
  }

  /** The soft one, that which counts; unlimited where the system does not say. */
  private String limit(String name) {
    return line("/proc/self/limits", name + "\\s+(\\S+)").orElse(UNLIMITED);
  }

  /** What stands in the place in parentheses, in the first line that begins like that. */
  private Optional<String> line(String file, String begin) {
    Pattern pattern = Pattern.compile("^" + begin, Pattern.MULTILINE);
    return machine.read(file).map(pattern::matcher).filter(Matcher::find).map(found -> found.group(1));
  }

  private static boolean below(String limit, long least) {
    return limit.matches("\\d{1,18}") && Long.parseLong(limit) < least;
  }

  private static String bytes(String limit) {
    return limit.matches("\\d{1,18}") ? String.format(Locale.ROOT, "%,.0f KiB", Long.parseLong(limit) / 1024.0) : limit;
  }
}
