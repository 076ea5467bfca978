package kiln.launcher.doctor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What the control groups of this process allow, in both of their versions: the least of its own group and of all above it.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html">Control Group v2</a>
 */
final class ControlGroups {
  private static final String MOUNT = "/sys/fs/cgroup";

  private final Machine machine;

  ControlGroups(Machine machine) {
    this.machine = machine;
  }

  /** How many processors' time it may use; empty if there is no limit. */
  OptionalDouble processors() {
    Stream<Double> two = folders("").stream().flatMap(folder -> quota(folder).stream().boxed());
    Stream<Double> one = folders("cpu").stream().flatMap(folder -> oldQuota(folder).stream().boxed());
    return Stream.concat(one, two).mapToDouble(Double::doubleValue).min();
  }

  private OptionalDouble quota(String folder) {
    String[] words = machine.read(folder + "/cpu.max").orElse("max").split(" ");
    return words.length == 2 && words[0].matches("\\d{1,18}") && words[1].matches("[1-9]\\d{0,17}")
        ? OptionalDouble.of((double) Long.parseLong(words[0]) / Long.parseLong(words[1]))
        : OptionalDouble.empty();
  }

  private OptionalDouble oldQuota(String folder) {
    OptionalLong quota = number(folder + "/cpu.cfs_quota_us"); // -1 for none
    OptionalLong period = number(folder + "/cpu.cfs_period_us");
    return quota.isPresent() && period.isPresent() && period.getAsLong() > 0
        ? OptionalDouble.of((double) quota.getAsLong() / period.getAsLong())
        : OptionalDouble.empty();
  }

  /** How many bytes it may use; empty if there is no limit. */
  OptionalLong memory() {
    Function<String, Stream<Long>> two = folder -> number(folder + "/memory.max").stream().boxed();
    Function<String, Stream<Long>> one = folder -> number(folder + "/memory.limit_in_bytes").stream().boxed();
    return Stream.concat(folders("").stream().flatMap(two), folders("memory").stream().flatMap(one))
        .mapToLong(Long::longValue)
        .min();
  }

  private OptionalLong number(String file) {
    String text = machine.read(file).orElse("");
    return text.matches("\\d{1,18}") ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
  }

  /**
   * The group of this process and those above it.
   *
   * @param controller of version 1, or empty for version 2
   */
  private List<String> folders(String controller) {
    List<String> folders = new ArrayList<>();
    for (String line : machine.read("/proc/self/cgroup").orElse("").split("\n")) {
      String[] parts = line.split(":", 3); // number:controllers:path
      if (parts.length == 3 && List.of(parts[1].split(",", -1)).contains(controller)) {
        for (Path group = Path.of("/").resolve(parts[2]); group != null; group = group.getParent()) {
          String path = group.toString().equals("/") ? "" : group.toString();
          folders.add(MOUNT + (controller.isEmpty() ? "" : "/" + controller) + path);
        }
      }
    }
    return folders;
  }
}
