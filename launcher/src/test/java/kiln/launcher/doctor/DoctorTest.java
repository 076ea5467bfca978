package kiln.launcher.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import kiln.bindings.TurboJpeg;
import kiln.launcher.KilnProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {
  @Test
  void shouldFindNothingWrongWhereTestsRun() {
    String out = KilnProcess.runHere("doctor").assertOk().out();
    assertTrue(out.lines().anyMatch(line -> line.matches("JDK +fine +.*25.*")), out);
    assertTrue(out.lines().anyMatch(line -> line.matches("native libraries +fine +oneDNN 3.*")), out);
    String jpeg = TurboJpeg.isAvailable() ? "JPEG decoder +fine +libturbojpeg.*" : "JPEG decoder +absent +.*libturbojpeg0.*";
    assertTrue(out.lines().anyMatch(line -> line.matches(jpeg)), out);
  }

  @Test
  void shouldSayWhatIsAbsentAndHowToGetIt(@TempDir Path empty) {
    Finding mpirun = find("Open MPI", Map.of("PATH", empty.toString()));
    assertEquals(Finding.State.ABSENT, mpirun.state());
    assertTrue(mpirun.advice().contains("openmpi-bin"), mpirun.advice());
    assertEquals(Finding.State.ABSENT, find("SLURM", Map.of("PATH", empty.toString())).state());
  }

  @Test
  void shouldCallBindingsWrongThatAreNamedButNotThere(@TempDir Path home) {
    Finding bindings = find("its Java bindings", Map.of("OMPI_HOME", home.toString()));
    assertEquals(Finding.State.WRONG, bindings.state());
    assertTrue(bindings.found().contains("OMPI_HOME"), bindings.found());
  }

  @Test
  void shouldFindProgramsOnThePath(@TempDir Path folder) throws IOException {
    Path mpirun = Files.createFile(folder.resolve("mpirun"));
    assertTrue(mpirun.toFile().setExecutable(true));
    Finding found = find("Open MPI", Map.of("PATH", folder.toString()));
    assertEquals(Finding.fine("Open MPI", mpirun.toString()), found);
  }

  private static Finding find(String subject, Map<String, String> environment) {
    return new Doctor(environment)
        .examine().stream().filter(finding -> finding.subject().equals(subject)).findFirst().orElseThrow();
  }
}
