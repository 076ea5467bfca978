package kiln.launcher.doctor;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import kiln.collectives.mpi.OpenMpiInstallation;
import kiln.launcher.doctor.Finding.State;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can start ranks, by what the programs say of themselves. */
class LauncherFindingsTest {
  @TempDir Path temporary;
  private MadeUpMachine made;

  @BeforeEach
  void make() {
    made = new MadeUpMachine(temporary);
  }

  private Finding find(String subject) {
    return MadeUpMachine.find(new LauncherFindings(made.machine()).examine(), subject);
  }

  private void assertFinding(String subject, State state, String found, String advice) {
    MadeUpMachine.assertFinding(state, found, advice, find(subject));
  }

  @Test
  void shouldSayWhatIsAbsentAndHowToGetIt() {
    assertFinding("Open MPI", State.ABSENT, "no mpirun", "openmpi-bin");
    assertFinding("SLURM", State.ABSENT, "no srun", "slurm-client");
  }

  @Test
  void shouldKnowTheVersionsOfOpenMpi() {
    made.program("mpirun", "mpirun (Open MPI) 4.1.4\n\nReport bugs", 0);
    assertFinding("Open MPI", State.FINE, "4.1.4, ", "");
    made.program("mpirun", "mpirun (Open MPI) 5.0.7rc1", 0);
    assertFinding("Open MPI", State.FINE, "5.0.7rc1, ", "");
    made.program("mpirun", "mpirun (Open MPI) 3.1.6", 0);
    assertFinding("Open MPI", State.WARNING, "3.1.6", "openmpi-bin");
    made.program("mpirun", "HYDRA build details:", 0);
    assertFinding("Open MPI", State.WARNING, "another MPI: it says HYDRA build details:", "openmpi-bin");
  }

  @Test
  void shouldCallBindingsWrongThatAreNamedButNotThere() {
    made.variable("OMPI_HOME", temporary.toString());
    assertFinding("its Java bindings", State.WRONG, "OMPI_HOME", "setup mpi");
  }

  @Test
  void shouldCallBindingsWrongThatWereMadeForAnotherOpenMpi() {
    Path cached = OpenMpiInstallation.cachedJar();
    if (OpenMpiInstallation.find(System.getenv()).filter(found -> found.jar().equals(cached)).isEmpty()) {
      System.err.println("SKIPPED in part: LauncherFindingsTest: ./kiln setup mpi has made no bindings");
      Assumptions.abort("no bindings in the cache folder");
    }
    made.program("mpirun", "mpirun (Open MPI) 9.8.7", 0);
    assertFinding("its Java bindings", State.WRONG, "but mpirun is of 9.8.7", "setup mpi");
  }

  @Test
  void shouldWantPmixOfSlurm() {
    made.program("srun", "slurm-wlm 22.05.8 MPI plugin types are... none pmix pmix_v4 pmi2", 0);
    assertFinding("SLURM", State.FINE, "22.05.8, ", "");
    assertTrue(find("SLURM").found().endsWith("srun --mpi=pmix|pmix_v4"), find("SLURM")::toString);
    made.program("srun", "slurm 23.11.4 none pmi2", 0);
    assertFinding("SLURM", State.WARNING, "23.11.4, ", "mpirun");
    made.program("srun", "srun: error: x\nsrun: fatal: Could not establish a configuration source", 1);
    assertFinding("SLURM", State.ABSENT, "belongs to no cluster: srun: fatal: Could not establish", "SLURM_CONF");
  }
}
