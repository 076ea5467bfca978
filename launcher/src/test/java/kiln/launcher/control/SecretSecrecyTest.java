package kiln.launcher.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import kiln.bindings.UserException;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.TinyRuns;
import kiln.launcher.ranks.RankFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the secret of a real job is to be seen: in a file of its owner's, and nowhere else. */
class SecretSecrecyTest {
  @TempDir Path temporary;

  @Test
  void shouldShowInNoCommandLineEnvironmentOrFile() throws IOException {
    Path run = temporary.resolve("run");
    try (KilnProcess kiln = KilnProcess.start(TinyRuns.train(run, "--ranks", "2"))) {
      List<String> seen = new ArrayList<>();
      ProcessHandle zero = kiln.rank(0);
      ProcessHandle one = kiln.rank(1);
      Path folder = segment(zero).getParent();
      Path file = RankFolder.secret(folder);
      assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
      String secret = JobSecret.read(file).text();
      for (ProcessHandle process : List.of(zero, one, ProcessHandle.current())) {
        seen.add(proc(process, "cmdline"));
        seen.add(proc(process, "environ"));
      }
      Outcome outcome = kiln.await().assertOk();
      seen.add(outcome.toString());
      try (Stream<Path> files = Files.walk(run)) {
        for (Path left : files.filter(Files::isRegularFile).toList()) {
          seen.add(Files.readString(left, StandardCharsets.ISO_8859_1));
        }
      }
      assertTrue(seen.size() > 8, () -> "only " + seen.size() + " places");
      assertTrue(seen.stream().noneMatch(text -> text.contains(secret)), "the secret is shown");
      assertFalse(Files.exists(folder), "the secret outlives the job");
    }
  }

  @Test
  void shouldNotBeTakenFromAFileThatOthersCanRead() throws IOException {
    Path file = temporary.resolve("secret");
    JobSecret.create().write(file);
    for (String wrong : List.of("rw-r-----", "rw----r--", "rw--w----", "rwx------")) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(wrong));
      UserException e = assertThrows(UserException.class, () -> JobSecret.read(file));
      assertTrue(e.getMessage().startsWith(file.toString()) && e.getMessage().endsWith("found " + wrong), e.getMessage());
    }
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
    assertEquals(64, JobSecret.read(file).text().length());
  }

  private static Path segment(ProcessHandle rank) throws IOException {
    return Arrays.stream(proc(rank, "environ").split("\0"))
        .filter(variable -> variable.startsWith("KILN_SEGMENT="))
        .map(variable -> Path.of(variable.substring(variable.indexOf('=') + 1)))
        .findFirst()
        .orElseThrow();
  }

  private static String proc(ProcessHandle process, String file) throws IOException {
    return Files.readString(Path.of("/proc/" + process.pid(), file), StandardCharsets.ISO_8859_1);
  }
}
