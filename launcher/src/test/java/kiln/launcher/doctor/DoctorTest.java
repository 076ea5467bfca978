package kiln.launcher.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import kiln.bindings.TurboJpeg;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DoctorTest {
  @Test
  void shouldFindNothingWrongWhereTestsRun(@TempDir Path folder) {
    String out = KilnProcess.runHere("doctor", "--folder", folder.toString()).assertOk().out();
    assertTrue(out.lines().anyMatch(line -> line.matches("JDK +fine +.*25.*")), out);
    assertTrue(out.lines().anyMatch(line -> line.matches("native libraries +fine +oneDNN 3.*")), out);
    String jpeg = TurboJpeg.isAvailable() ? "JPEG decoder +fine +libturbojpeg.*" : "JPEG decoder +absent +.*libturbojpeg0.*";
    assertTrue(out.lines().anyMatch(line -> line.matches(jpeg)), out);
  }

  @Test
  void shouldSayTheSameInJson(@TempDir Path folder) {
    Outcome outcome = KilnProcess.runHere("doctor", "--json", "--folder", folder.toString()).assertOk();
    JsonNode findings = JsonMapper.shared().readTree(outcome.out()).get("findings");
    List<String> subjects = findings.valueStream().map(finding -> finding.get("subject").asString()).toList();
    List<String> expected =
        List.of("JDK", "Kiln", "native libraries", "processor", "cores", "threads", "huge pages", "NUMA", "shared memory",
            "memory", "limits", "GPUs", "folder " + folder.toAbsolutePath(), "control address", "clock", "Open MPI",
            "its Java bindings", "SLURM");
    assertTrue(subjects.containsAll(expected), subjects::toString);
    for (JsonNode finding : findings) {
      boolean fine = finding.get("state").asString().equals("fine");
      assertEquals(fine, finding.get("advice").asString().isEmpty(), finding::toString); // whatever is not fine can be mended
    }
  }

  @Test
  void shouldEndWithOneIfSomethingIsWrong() {
    Outcome outcome = KilnProcess.runHere("doctor", "--folder", "/proc");
    assertEquals(ExitStatus.USER_ERROR, outcome.status(), outcome::toString);
    String line = "folder /proc +wrong +proc, cannot be written.*";
    assertTrue(outcome.out().lines().anyMatch(said -> said.matches(line)), outcome::toString);
  }

  @Test
  void shouldKnowABuildByItsClasses() {
    assertEquals(KilnBuild.current(), KilnBuild.current());
    assertTrue(KilnBuild.current().checksum() != 0);
  }
}
