package kiln.launcher.doctor;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import kiln.bindings.Onednn;
import kiln.bindings.UserException;
import kiln.launcher.control.RankInfo;
import kiln.launcher.ranks.CpuList;

/**
 * What one rank knows of its machine.
 *
 * @param rank of those that were started
 * @param host name of its machine
 * @param versions of what ranks should have in common, by name
 * @param findings of the machine; empty but on the first rank of each
 */
record NodeFacts(int rank, String host, Map<String, String> versions, List<Finding> findings) {
  static NodeFacts here(int rank, Machine machine, List<Finding> findings) {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("JDK", Runtime.version().toString());
    versions.put("Kiln", KilnBuild.current().toString());
    versions.put("Open MPI", machine.run("mpirun", "--version").map(Machine.Said::firstLine).orElse("not on the PATH"));
    versions.put("native libraries", library(NativeFindings::version));
    versions.put("instructions", library(Onednn::cpuIsa));
    versions.put("processors of the machine", cores(machine));
    versions.put("processors of a rank", Integer.toString(Runtime.getRuntime().availableProcessors()));
    return new NodeFacts(rank, RankInfo.here(rank).host(), versions, findings);
  }

  private static String cores(Machine machine) {
    return machine
        .read("/sys/devices/system/cpu/online")
        .map(list -> Integer.toString(CpuList.parse(list).cardinality()))
        .orElse("unknown");
  }

  private static String library(Supplier<String> version) {
    try {
      return version.get();
    } catch (UserException | IllegalStateException | LinkageError e) {
      return "cannot be loaded";
    }
  }
}
