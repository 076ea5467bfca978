package kiln.launcher.doctor;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kiln.bindings.UserException;
import kiln.collectives.mpi.OpenMpiInstallation;

/** What can start ranks on several machines. */
final class LauncherFindings {
  private static final Pattern OPEN_MPI = Pattern.compile("\\(Open MPI\\) (\\d+)\\.(\\d+)\\S*");
  private static final Pattern SLURM = Pattern.compile("slurm(?:-wlm)? (\\S+)");
  private static final Pattern PMIX = Pattern.compile("\\bpmix(_v\\d+)?\\b");
  private static final int OLDEST_MAJOR = 4;
  private static final int OLDEST_MINOR = 1;
  private static final String INSTALL_MPI = "install openmpi-bin and libopenmpi-dev";

  private static final String BINDINGS = "its Java bindings";

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
    String said = said();
    Matcher version = OPEN_MPI.matcher(said);
    if (!version.find()) {
      String found = path + " is of another MPI: it says " + said;
      return Finding.warning(subject, found, "put Open MPI's first on the PATH: " + INSTALL_MPI);
    }
    int major = Integer.parseInt(version.group(1));
    boolean old = major < OLDEST_MAJOR || (major == OLDEST_MAJOR && Integer.parseInt(version.group(2)) < OLDEST_MINOR);
    String found = number(version) + ", " + path;
    return old ? Finding.warning(subject, found + ", expected 4.1 or 5", INSTALL_MPI) : Finding.fine(subject, found);
  }

  private Finding bindings() {
    try {
      return OpenMpiInstallation.find(machine.environment())
          .map(found -> fits(found, found.jar() + ", " + found.library()))
          .orElse(Finding.absent(BINDINGS, "none", "for --transport mpi: ./kiln setup mpi"));
    } catch (UserException e) {
      return Finding.wrong(BINDINGS, e.getMessage(), "./kiln setup mpi");
    }
  }

  /** Those that ./kiln setup mpi has made fit one version only. */
  private Finding fits(OpenMpiInstallation found, String where) {
    if (found.jar().equals(OpenMpiInstallation.cachedJar())) {
      String made = OpenMpiInstallation.manifestEntry(found.jar(), OpenMpiInstallation.VERSION); // as 4.1.4-3+b1
      Matcher installed = OPEN_MPI.matcher(said());
      if (installed.find() && !made.startsWith(number(installed))) {
        String line = where + ": made for Open MPI " + made + ", but mpirun is of " + number(installed);
        return Finding.wrong(BINDINGS, line, "./kiln setup mpi");
      }
    }
    return Finding.fine(BINDINGS, where);
  }

  private String said() {
    return machine.run("mpirun", "--version").map(Machine.Said::firstLine).orElse("nothing");
  }

  private static String number(Matcher version) {
    return version.group().replaceFirst(".*\\) ", "");
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
    List<String> pmix = PMIX.matcher(types.text()).results().map(MatchResult::group).distinct().toList();
    return pmix.isEmpty()
        ? Finding.warning(subject, version + ", without PMIx", "start ranks by mpirun in the job, or build SLURM with PMIx")
        : Finding.fine(subject, version + ", srun --mpi=" + String.join("|", pmix));
  }
}
