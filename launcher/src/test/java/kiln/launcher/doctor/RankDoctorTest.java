package kiln.launcher.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kiln.launcher.KilnProcess;
import kiln.launcher.MpiRuns;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The doctor as ranks of mpirun. */
class RankDoctorTest {
  private static final Map<String, String> ROOT = Map.of("OMPI_ALLOW_RUN_AS_ROOT", "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");

  @TempDir Path folder;

  @BeforeAll
  static void requireOpenMpi() {
    MpiRuns.assumeOpenMpi(RankDoctorTest.class);
  }

  /** Each rank has a host name of its own where this user may give one; the clock is the same, whatever they measure. */
  @Test
  void shouldCompareMachines() {
    boolean several = canNameHosts();
    List<String> command = new ArrayList<>(List.of("mpirun", "--bind-to", "none", "--mca", "mpi_yield_when_idle", "1"));
    command.addAll(List.of("--mca", "rmaps_base_oversubscribe", "1", "-np", "2"));
    if (several) {
      command.addAll(List.of("unshare", "-u", "sh", "-c", "hostname n$OMPI_COMM_WORLD_RANK; exec \"$@\"", "sh"));
    }
    command.addAll(MpiRuns.java("doctor", "--folder", folder.toString()));
    try (KilnProcess job = KilnProcess.start(ROOT, command)) {
      String out = job.await().assertOk().out();
      String all = several ? "all +" : "";
      String clocks = "n[01] is ahead of n[01] by \\d+\\.\\d{3} ms, give or take \\d+\\.\\d{3} ms";
      assertLine(all + "clocks +fine +" + (several ? clocks : "one machine, one clock"), out);
      assertLine(all + "same Kiln +fine +0\\.1\\.0, build [0-9a-f]{8}", out);
      assertLine(all + "same JDK +fine +25.*", out);
      assertLine(all + "threads +fine .*OMP_NUM_THREADS=\\d+", out); // as ranks that train
      assertEquals(1, out.lines().filter(line -> line.matches("(where +)?what .*")).count(), out); // once
    }
  }

  private static boolean canNameHosts() {
    try (KilnProcess unshare = KilnProcess.start(Map.of(), List.of("unshare", "-u", "hostname", "n0"))) {
      boolean can = unshare.await().status() == 0;
      if (!can) {
        System.err.println("SKIPPED in part: RankDoctorTest: only root can give ranks host names of their own");
      }
      return can;
    }
  }

  private static void assertLine(String regex, String out) {
    assertTrue(out.lines().anyMatch(line -> line.matches(regex)), out);
  }
}
