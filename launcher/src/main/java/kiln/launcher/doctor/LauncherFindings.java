package kiln.launcher.doctor;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kiln.bindings.UserException;
import kiln.collectives.mpi.OpenMpiInstallation;

/** What can start ranks on several machines. */
final class LauncherFindings {
  private static final Pattern OPEN_MPI = Pattern.compile("\\(Open MPI\\) (\\d+)\\.(\\d+)\\S*");
  private static final Pattern SLURM = Pattern.compile("slurm(?:-wlm)? (\\S+)");
  private static final int OLDEST_MAJOR = 4;
  private static final int OLDEST_MINOR = 1;
  private static final String INSTALL_MPI = "install openmpi-bin and libopenmpi-dev";

  private final Machine machine;

  LauncherFindings(Machine machine) {
    this.machine = machine;
  }

  List<Finding> examine() {
    return List.of(openMpi(), bindings(), slurm());
  }

  private Finding openMpi() {
    String subject = "Open MPI";
    if (machine.program("mpirun").isEmpty()) {
      return Finding.absent(subject, "no mpirun on the PATH", "for several machines: " + INSTALL_MPI);
    }
    String path = machine.program("mpirun").get().toString();
    String said = machine.run("mpirun", "--version").map(Machine.Said::firstLine).orElse("nothing");
    Matcher version = OPEN_MPI.matcher(said);
    if (!version.find()) {
      return Finding.warning(subject, path + " is of another MPI: it says " + said, "put Open MPI's first on the PATH: " + INSTALL_MPI);
    }
    int major = Integer.parseInt(version.group(1));
    boolean old = major < OLDEST_MAJOR || (major == OLDEST_MAJOR && Integer.parseInt(version.group(2)) < OLDEST_MINOR);
    String found = version.group().replaceFirst(".*\\) ", "") + ", " + path;
    return old ? Finding.warning(subject, found + ", expected 4.1 or 5", INSTALL_MPI) : Finding.fine(subject, found);
  }

  private Finding bindings() {
    String subject = "its Java bindings";
    try {
      return OpenMpiInstallation.find(machine.environment())
          .map(found -> Finding.fine(subject, found.jar() + ", " + found.library()))
          .orElse(Finding.absent(subject, "none", "for --transport mpi: ./kiln setup mpi"));
    } catch (UserException e) {
      return Finding.wrong(subject, e.getMessage(), "./kiln setup mpi");
    }
  }

  /** srun starts ranks of Open MPI only through PMIx. */
  private Finding slurm() {
    String subject = "SLURM";
    if (machine.program("srun").isEmpty()) {
      return Finding.absent(subject, "no srun on the PATH", "for jobs of a cluster: install slurm-client");
    }
    String path = machine.program("srun").get().toString();
    Matcher matcher = SLURM.matcher(machine.run("srun", "--version").map(Machine.Said::text).orElse(""));
    String version = matcher.find() ? matcher.group(1) + ", " + path : path;
    Machine.Said types = machine.run("srun", "--mpi=list").orElse(new Machine.Said(1, "srun --mpi=list does not end"));
    if (!types.well()) {
      return Finding.absent(
          subject,
          version + ", belongs to no cluster: " + types.lastLine(),
          "on a node of a cluster: SLURM_CONF or /etc/slurm/slurm.conf names it");
    }
    List<String> pmix = Pattern.compile("\\bpmix(_v\\d+)?\\b").matcher(types.text()).results().map(m -> m.group()).distinct().toList();
    return pmix.isEmpty()
        ? Finding.warning(subject, version + ", without PMIx", "start ranks by mpirun inside the job, or build SLURM with PMIx")
        : Finding.fine(subject, version + ", srun --mpi=" + String.join("|", pmix));
  }
}
