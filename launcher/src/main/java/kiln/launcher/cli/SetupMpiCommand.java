package kiln.launcher.cli;

import kiln.collectives.mpi.OpenMpiInstallation;
import kiln.launcher.setup.OpenMpiSetup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kiln setup mpi}. */
@Command(
    name = "mpi",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Finds the Java bindings of Open MPI, or makes them: for --transport mpi.",
      "",
      "An Open MPI 4.1 or 5 that came with its mpi.jar is used as it is: that of OMPI_HOME, else that of the mpirun on the"
          + " PATH. Debian's Open MPI lacks only mpi.jar: it is compiled into Kiln's cache folder from the source package of the"
          + " version that is installed, fetched with apt-get; the system's package sources stay as they are. Packages that are"
          + " missing (openmpi-bin, libopenmpi-dev) are installed if this runs as root.",
      ""
    })
final class SetupMpiCommand implements Runnable {
  @Option(names = "--no-install", description = "Install no packages, even as root.")
  private boolean noInstall;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    boolean root = "root".equals(System.getProperty("user.name"));
    OpenMpiSetup setup = new OpenMpiSetup(System.getenv(), line -> spec.commandLine().getErr().println("kiln: " + line));
    OpenMpiInstallation found = setup.run(root && !noInstall);
    spec.commandLine().getOut().println("mpi.jar: " + found.jar());
    spec.commandLine().getOut().println("native library: " + found.library());
    spec.commandLine().getOut().flush();
  }
}
