package kiln.launcher.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import kiln.launcher.KilnProcess;
import kiln.launcher.MpiRuns;
import kiln.launcher.Outcome;
import kiln.launcher.doctor.Finding.State;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders that keep what checkpoints rely on, and such that do not. */
class FolderTrialTest {
  @TempDir Path folder;

  @Test
  void shouldTryAFolderAndLeaveNothing() throws IOException {
    Finding finding = new FolderTrial(folder).examine();
    assertTrue(finding.found().matches(".*GiB free, fsync \\d+\\.\\d ms, renames at once"), finding::toString);
    assertTrue(finding.state() != State.WRONG, finding::toString);
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of(), left.toList());
    }
  }

  @Test
  void shouldTryTheFolderAboveOneThatIsNotThereYet() {
    Finding finding = new FolderTrial(folder.resolve("a/b")).examine();
    assertTrue(finding.found().startsWith("not there yet; " + folder), finding::toString);
    assertFalse(Files.exists(folder.resolve("a")));
  }

  @Test
  void shouldCallFoldersWrongThatCannotBeWritten() throws IOException {
    Finding kernels = new FolderTrial(Path.of("/proc")).examine(); // by nobody, not even root
    assertEquals(State.WRONG, kernels.state(), kernels::toString);
    assertTrue(kernels.found().contains("cannot be written"), kernels::toString);
    Path file = Files.writeString(folder.resolve("file"), "");
    Finding none = new FolderTrial(file).examine();
    assertEquals(Finding.wrong("folder " + file, file + " is no folder", "name another one: --folder DIR"), none);
  }

  @Test
  void shouldWarnOfMemory() {
    Path memory = Path.of("/dev/shm");
    Assumptions.assumeTrue(Files.isWritable(memory));
    Finding finding = new FolderTrial(memory).examine();
    assertEquals(State.WARNING, finding.state(), finding::toString);
    assertTrue(finding.found().startsWith("tmpfs"), finding::toString);
    assertTrue(finding.advice().contains("gone when the machine stops"), finding::toString);
  }

  @Test
  void shouldKnowMountsThatAreReadOnlyOrFull() {
    String mounts =
        """
        mkdir "$1/ro" "$1/small" && mount -t tmpfs -o ro tmpfs "$1/ro" && mount -t tmpfs -o size=1m tmpfs "$1/small" || exit
        export KILN_CACHE="$1/ro"; cd "$1/small"; shift; exec "$@"
        """;
    List<String> command = new ArrayList<>(List.of("unshare", "-m", "sh", "-c", mounts, "sh", folder.toString()));
    command.addAll(MpiRuns.java("doctor"));
    try (KilnProcess doctors = KilnProcess.start(Map.of(), command)) {
      Outcome outcome = doctors.await();
      if (!outcome.out().startsWith("what ")) {
        System.err.println("SKIPPED: FolderTrialTest.shouldKnowMountsThatAreReadOnlyOrFull: needs root");
        Assumptions.abort("cannot mount");
      }
      assertEquals(ExitStatus.USER_ERROR, outcome.status(), outcome::toString);
      String readOnly = ".*/ro +wrong +tmpfs, read-only +mount -o remount.*";
      String full = ".*/small +wrong +tmpfs, 0.0 GiB free.* make room.*";
      for (String line : List.of(readOnly, full)) {
        assertTrue(outcome.out().lines().anyMatch(said -> said.matches(line)), outcome::toString);
      }
    }
  }
}
