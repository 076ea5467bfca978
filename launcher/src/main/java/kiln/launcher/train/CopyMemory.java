package kiln.launcher.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.Consumer;
import kiln.bindings.UserException;
import kiln.launcher.ranks.RankEnvironment;

/** Whether there is memory for the copies from which checkpoints are written beside training. */
final class CopyMemory {
  private static final Path SYSTEM = Path.of("/proc/meminfo");
  private static final String AVAILABLE = "MemAvailable:";
  private static final long KIB = 1024;

  private final Long limit;
  private final long needed;
  private final RankEnvironment environment;

  /**
   * @param limit bytes of this machine that one rank may use; null for any number
   * @param needed bytes that it uses without the copy, if there is a limit
   */
  CopyMemory(Long limit, long needed, RankEnvironment environment) {
    this.limit = limit;
    this.needed = needed;
    this.environment = environment;
  }

  /**
   * Whether a copy is made.
   *
   * @param bytes of a rank's copy
   * @param news hears why not
   * @throws UserException if the user wants it but the limit does not allow it
   */
  boolean allows(SaveOptions.Beside wanted, long bytes, Consumer<String> news) {
    if (wanted == SaveOptions.Beside.OFF) {
      return false;
    }
    boolean fits = limit == null ? isAvailable(bytes) : needed + bytes <= limit;
    if (!fits && wanted == SaveOptions.Beside.ON && limit != null) {
      throw new UserException(
          "option --memory: expected at least " + MemoryUse.gigabytes(needed + bytes) + " GB with --async-save on, found "
              + MemoryUse.gigabytes(limit) + " GB");
    }
    if (!fits && wanted == SaveOptions.Beside.AUTO) {
      String what = "checkpoints are not written beside training: the copy of %s GB per rank does not fit into %s";
      String into = limit == null ? "the memory that is free" : "--memory " + MemoryUse.gigabytes(limit) + " GB";
      news.accept(String.format(Locale.ROOT, what, MemoryUse.gigabytes(bytes), into));
    }
    return fits || wanted == SaveOptions.Beside.ON;
  }

  /** All ranks of the machine make a copy, and plans are still to come: half of what is free may go. */
  private boolean isAvailable(long bytes) {
    int ranks = Math.max(1, environment.localSize());
    OptionalLong available = available();
    return available.isEmpty() || 2 * bytes * ranks <= available.getAsLong();
  }

  private static OptionalLong available() {
    try {
      return Files.readAllLines(SYSTEM).stream()
          .filter(line -> line.startsWith(AVAILABLE))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIB)
          .findFirst();
    } catch (IOException e) {
      return OptionalLong.empty(); // not on this system
    }
  }
}
