package kiln.launcher.doctor;

import static kiln.launcher.doctor.MadeUpMachine.assertFinding;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import kiln.bindings.KernelClock;
import kiln.launcher.doctor.Finding.State;
import kiln.launcher.ranks.CpuList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of machines that are not as they should be. */
class MachineFindingsTest {
  @TempDir Path temporary;
  private MadeUpMachine made;

  @BeforeEach
  void make() {
    made = new MadeUpMachine(temporary);
  }

  private Finding processor(String subject) {
    return MadeUpMachine.find(new ProcessorFindings(made.machine()).examine(), subject);
  }

  private Finding memory(String subject) {
    return MadeUpMachine.find(new MemoryFindings(made.machine()).examine(), subject);
  }

  private Finding network() {
    return new NetworkFindings(made.machine()).examine().getFirst();
  }

  private Finding gpus() {
    return new GpuFindings(made.machine()).examine().getFirst();
  }

  @Test
  void shouldWantTheRightJdk() {
    assertFinding(State.WRONG, "21.0.4", "temurin-25-jdk", JavaFindings.of(Runtime.Version.parse("21.0.4+7")).getFirst());
    assertFinding(State.FINE, "26", "", JavaFindings.of(Runtime.Version.parse("26")).getFirst());
  }

  @Test
  void shouldKnowWhereAProcessIsBoundTo() {
    assertFinding(State.FINE, "2 of the machine's 2 processors", "", processor("cores"));
    made.file("/sys/devices/system/cpu/online", "0-15").file("/proc/self/status", "Cpus_allowed_list:\t4-6,12");
    assertFinding(State.FINE, "bound to 4 of the machine's 16 processors (4-6,12)", "", processor("cores"));
  }

  @Test
  void shouldWarnOfAQuotaOfBothKindsOfControlGroups() {
    made.file("/proc/self/cgroup", "0::/job/task").file("/sys/fs/cgroup/job/cpu.max", "150000 100000");
    made.file("/sys/fs/cgroup/job/task/cpu.max", "max 100000");
    assertFinding(State.WARNING, "time of 1.50 only", "bind to 1", processor("cores"));
    made.file("/proc/self/cgroup", "5:cpu,cpuacct:/docker/1\n0::/");
    made.file("/sys/fs/cgroup/cpu/docker/1/cpu.cfs_quota_us", "50000");
    made.file("/sys/fs/cgroup/cpu/docker/1/cpu.cfs_period_us", "100000");
    assertFinding(State.WARNING, "time of 0.50 only", "raise the quota", processor("cores"));
    made.file("/sys/fs/cgroup/cpu/docker/1/cpu.cfs_quota_us", "-1");
    assertFinding(State.FINE, "2 of", "", processor("cores"));
  }

  @Test
  void shouldTellCoresFromHardwareThreads() {
    made.file("/sys/devices/system/cpu/cpu0/topology/thread_siblings_list", "0-1");
    made.file("/sys/devices/system/cpu/cpu1/topology/thread_siblings_list", "0-1");
    assertFinding(State.FINE, "1 core with 2 hardware threads", "", processor("threads"));
    made.variable("OMP_NUM_THREADS", "8");
    assertFinding(State.WARNING, "more than run at once", "OMP_NUM_THREADS=2", processor("threads"));
    made.variable("OMP_NUM_THREADS", "many");
    assertFinding(State.WRONG, "OMP_NUM_THREADS=many", "unset", processor("threads"));
    made.variable("OMP_NUM_THREADS", "2");
    assertFinding(State.FINE, "OMP_NUM_THREADS=2", "", processor("threads"));
  }

  @Test
  void shouldWarnOfWhatCostsSpeed() {
    made.file("/sys/kernel/mm/transparent_hugepage/enabled", "always madvise [never]");
    assertFinding(State.WARNING, "never", "echo madvise", processor("huge pages"));
    made.file("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never");
    assertFinding(State.FINE, "madvise", "", processor("huge pages"));
    made.file("/sys/devices/system/node/node0/cpulist", "0").file("/sys/devices/system/node/node1/cpulist", "1");
    assertFinding(State.WARNING, "2 nodes, this process may run on node0, node1", "--bind-to numa", processor("NUMA"));
    made.file("/proc/self/status", "Cpus_allowed_list:\t1");
    assertFinding(State.FINE, "node1", "", processor("NUMA"));
  }

  @Test
  void shouldWarnOfLittleMemory() {
    made.file("/proc/meminfo", "MemTotal:       16777216 kB\nMemAvailable:   8388608 kB");
    assertFinding(State.FINE, "16.0 GiB, 8.0 GiB free", "", memory("memory"));
    made.file("/proc/self/cgroup", "0::/small").file("/sys/fs/cgroup/small/memory.max", "536870912");
    assertFinding(State.WARNING, "the control group gives 0.5 GiB", "srun --mem", memory("memory"));
  }

  @Test
  void shouldCallSharedMemoryWrongInWhichRanksCannotMeet() {
    made.file("/dev/shm/any", "");
    Finding small = new MemoryFindings(made.machine(), Long.MAX_VALUE).examine().getFirst();
    assertFinding(State.WRONG, "GiB free", "--shm-size", small);
    assertFinding(State.FINE, "GiB free", "", memory("shared memory"));
  }

  @Test
  void shouldSayWhichLimitsToRaise() {
    String row = "%-25s %-20s %-20s %s\n";
    String all =
        row.formatted("Max file size", "1048576", "unlimited", "bytes")
            + row.formatted("Max processes", "100", "100", "processes")
            + row.formatted("Max open files", "256", "4096", "files")
            + row.formatted("Max locked memory", "65536", "65536", "bytes")
            + row.formatted("Max address space", "unlimited", "unlimited", "bytes");
    made.file("/proc/self/limits", all);
    Finding found = memory("limits");
    String limits = "open files 256, processes 100, locked memory 64 KiB, file size 1,024 KiB";
    assertFinding(State.WARNING, limits, "ulimit -n 1024", found);
    assertTrue(found.advice().contains("ulimit -u 1024; ulimit -f unlimited"), found::toString);
    made.file("/sys/class/infiniband/mlx5_0/node_type", "1: CA");
    assertTrue(memory("limits").advice().contains("ulimit -l unlimited"), () -> memory("limits").toString());
  }

  @Test
  void shouldKnowAGpuWithAndWithoutItsDriver() {
    assertFinding(State.ABSENT, "none", "Kiln trains on CPUs", gpus());
    String pci = "/sys/bus/pci/devices/";
    made.file(pci + "0000:01:00.0/vendor", "0x10de").file(pci + "0000:01:00.0/class", "0x030200");
    made.file(pci + "0000:01:00.1/vendor", "0x10de").file(pci + "0000:01:00.1/class", "0x040300"); // its sound
    assertFinding(State.WARNING, "1 on the PCI bus, no driver loaded", "nvidia-driver", gpus());
    String module = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56 UTC 2024";
    made.file("/proc/driver/nvidia/version", module);
    assertFinding(State.WARNING, "driver 550.54.15, but no /dev/nvidia0", "--gpus all", gpus());
    made.file("/dev/nvidia0", "").file("/dev/nvidiactl", "");
    assertFinding(State.FINE, "driver 550.54.15, 1 device", "", gpus());
    made.program("nvidia-smi", "NVIDIA H200, 143771 MiB, 9.0", 0);
    assertFinding(State.FINE, "1 device: NVIDIA H200, 143771 MiB, 9.0", "", gpus());
    made.program("nvidia-smi", "Failed to initialize NVML: Driver/library version mismatch", 18);
    assertFinding(State.WARNING, "version mismatch", "start it again", gpus());
  }

  @Test
  void shouldSayHowTheClockIs() {
    assertFinding(State.ABSENT, "does not say", "mpirun", ClockFindings.of(Optional.empty()));
    Optional<KernelClock> free = Optional.of(new KernelClock(false, Duration.ofSeconds(16)));
    assertFinding(State.WARNING, "not synchronised", "chrony", ClockFindings.of(free));
    Optional<KernelClock> held = Optional.of(new KernelClock(true, Duration.ofNanos(12_500_000)));
    assertFinding(State.FINE, "12.5 ms", "", ClockFindings.of(held));
  }

  @Test
  void shouldSayWhereRankZeroWouldListen() {
    made.variable("KILN_CONTROL_ADDRESS", "127.0.0.1");
    String loopback = "127.0.0.1 of lo: environment variable KILN_CONTROL_ADDRESS";
    assertFinding(State.WARNING, loopback, "--control-address", network());
    made.variable("KILN_CONTROL_ADDRESS", "0.0.0.0");
    assertFinding(State.WARNING, "all interfaces", "name one", network());
    made.variable("KILN_CONTROL_ADDRESS", "192.0.2.254");
    assertFinding(State.WRONG, "KILN_CONTROL_ADDRESS: expected", "correct", network());
  }

  @Test
  void shouldReadListsOfProcessors() {
    for (String list : List.of("0", "0-3", "0,2-3,8-11", "5,7")) {
      assertEquals(list, CpuList.text(CpuList.parse(list)));
    }
    assertTrue(CpuList.parse("").isEmpty() && CpuList.parse("what?").isEmpty());
  }
}
