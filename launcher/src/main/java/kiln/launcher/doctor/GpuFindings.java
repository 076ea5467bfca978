package kiln.launcher.doctor;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** GPUs of NVIDIA, and whether their driver is there and well. */
final class GpuFindings {
  private static final String SUBJECT = "GPUs";
  private static final String PCI = "/sys/bus/pci/devices/";
  private static final String NVIDIA = "0x10de";
  private static final String DISPLAY = "0x03"; // class of PCI: VGA or 3D controller
  private static final Pattern VERSION = Pattern.compile("Kernel Module.*?\\s(\\d{3,4}\\.\\d[\\d.]*)");

  private final Machine machine;

  GpuFindings(Machine machine) {
    this.machine = machine;
  }

  List<Finding> examine() {
    long cards =
        machine.list(PCI).stream()
            .filter(device -> machine.read(PCI + device + "/vendor").orElse("").equals(NVIDIA))
            .filter(device -> machine.read(PCI + device + "/class").orElse("").startsWith(DISPLAY))
            .count();
    List<String> devices = machine.list("/dev").stream().filter(name -> name.matches("nvidia\\d+")).toList();
    String version = machine.read("/proc/driver/nvidia/version").orElse("");
    if (version.isEmpty() && cards == 0) {
      return List.of(Finding.absent(SUBJECT, "none", "none needed: Kiln trains on CPUs"));
    }
    if (version.isEmpty()) {
      String found = cards + " on the PCI bus, no driver loaded";
      return List.of(Finding.warning(SUBJECT, found, "install nvidia-driver, or modprobe nvidia"));
    }
    Matcher matcher = VERSION.matcher(version);
    String driver = "driver " + (matcher.find() ? matcher.group(1) : version.lines().findFirst().orElse("unknown"));
    if (devices.isEmpty()) {
      String advice = "nvidia-modprobe -u -c 0 as root; in Docker: --gpus all; in SLURM: --gres=gpu";
      return List.of(Finding.warning(SUBJECT, driver + ", but no /dev/nvidia0", advice));
    }
    return List.of(asked(driver + ", " + devices.size() + (devices.size() == 1 ? " device" : " devices")));
  }

  private Finding asked(String found) {
    String[] query = {"--query-gpu=name,memory.total,compute_cap", "--format=csv,noheader"};
    return machine
        .run("nvidia-smi", query)
        .map(
            said ->
                said.well()
                    ? Finding.fine(SUBJECT, found + ": " + String.join("; ", said.text().lines().toList()))
                    : Finding.warning(
                        SUBJECT,
                        found + ", nvidia-smi: " + said.firstLine(),
                        "if the driver was updated since the machine was started: start it again"))
        .orElse(Finding.fine(SUBJECT, found));
  }
}
