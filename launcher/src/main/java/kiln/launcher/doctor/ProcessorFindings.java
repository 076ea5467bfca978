package kiln.launcher.doctor;

import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kiln.launcher.ranks.CpuList;

/** Which processors a process may run on, and how it uses them. */
final class ProcessorFindings {
  private static final String CPUS = "/sys/devices/system/cpu/";
  private static final String NODES = "/sys/devices/system/node/";
  private static final String HUGE_PAGES = "/sys/kernel/mm/transparent_hugepage/enabled";
  private static final Pattern ALLOWED = Pattern.compile("^Cpus_allowed_list:\\s*(\\S+)", Pattern.MULTILINE);
  private static final Pattern CHOSEN = Pattern.compile("\\[(\\w+)]");

  private final Machine machine;
  private final BitSet online;
  private final BitSet allowed;

  ProcessorFindings(Machine machine) {
    this.machine = machine;
    this.online = machine.read(CPUS + "online").map(CpuList::parse).orElseGet(ProcessorFindings::ofJvm);
    this.allowed =
        machine
            .read("/proc/self/status")
            .map(ALLOWED::matcher)
            .filter(Matcher::find)
            .map(found -> CpuList.parse(found.group(1)))
            .orElse(online);
  }

  private static BitSet ofJvm() {
    BitSet all = new BitSet();
    all.set(0, Runtime.getRuntime().availableProcessors());
    return all;
  }

  List<Finding> examine() {
    return List.of(cores(), threads(), hugePages(), numa());
  }

  /** Affinity mask and quota. */
  private Finding cores() {
    int count = allowed.cardinality();
    String found = count + " of the machine's " + online.cardinality() + " processors";
    if (count < online.cardinality()) {
      found = "bound to " + found + " (" + CpuList.text(allowed) + ")";
    }
    OptionalDouble quota = new ControlGroups(machine).processors();
    if (quota.isPresent() && quota.getAsDouble() < count) {
      String share = String.format(Locale.ROOT, "%.2f", quota.getAsDouble());
      return Finding.warning(
          "cores",
          found + ", but the control group gives time of " + share + " only",
          "threads are stopped again and again: raise the quota, or bind to " + Math.max(1, (int) quota.getAsDouble())
              + " (srun --cpus-per-task, docker --cpuset-cpus)");
    }
    return Finding.fine("cores", found);
  }

  private Finding threads() {
    int count = allowed.cardinality();
    int cores = cores(allowed);
    String hardware = cores == 1 ? "1 core" : cores + " cores";
    hardware += cores == count ? "" : " with " + count + " hardware threads";
    String set = machine.environment().get("OMP_NUM_THREADS");
    if (set == null) {
      return Finding.fine("threads", hardware + "; OMP_NUM_THREADS is not set: Kiln shares them out to its ranks");
    }
    String found = hardware + ", OMP_NUM_THREADS=" + set;
    if (!set.matches("\\d{1,6}(,\\d{1,6})*") || set.startsWith("0")) {
      return Finding.wrong("threads", found + ", expected a number from 1 on", "unset OMP_NUM_THREADS");
    }
    int threads = Integer.parseInt(set.split(",")[0]);
    return threads > count
        ? Finding.warning("threads", found + ": more than run at once", "OMP_NUM_THREADS=" + count + ", or unset it")
        : Finding.fine("threads", found);
  }

  /** Those of which {@code of} has a hardware thread. */
  private int cores(BitSet of) {
    Set<String> cores = new HashSet<>();
    for (int cpu : of.stream().toArray()) {
      String siblings = CPUS + "cpu" + cpu + "/topology/thread_siblings_list";
      cores.add(machine.read(siblings).orElse(Integer.toString(cpu)));
    }
    return cores.size();
  }

  private Finding hugePages() {
    Optional<String> setting = machine.read(HUGE_PAGES).map(CHOSEN::matcher).filter(Matcher::find).map(m -> m.group(1));
    if (setting.isEmpty()) {
      return Finding.absent("huge pages", "this kernel has no transparent ones", "none needed: some per cent of speed");
    }
    return setting.get().equals("never")
        ? Finding.warning("huge pages", "never", "for some per cent of speed, as root: echo madvise >" + HUGE_PAGES)
        : Finding.fine("huge pages", setting.get());
  }

  private Finding numa() {
    List<String> nodes = machine.list(NODES).stream().filter(name -> name.matches("node\\d+")).toList();
    if (nodes.size() < 2) {
      return Finding.fine("NUMA", "one node");
    }
    List<String> used =
        nodes.stream()
            .filter(node -> CpuList.parse(machine.read(NODES + node + "/cpulist").orElse("")).intersects(allowed))
            .toList();
    String found = nodes.size() + " nodes, this process may run on " + String.join(", ", used);
    return used.size() < 2
        ? Finding.fine("NUMA", found)
        : Finding.warning(
            "NUMA",
            found,
            "one rank per node, so that its memory is near: mpirun --map-by numa --bind-to numa; srun --cpu-bind=ldoms");
  }
}
