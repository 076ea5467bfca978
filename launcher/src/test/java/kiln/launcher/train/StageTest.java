package kiln.launcher.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data that lies elsewhere: copied to this machine beside training, or on a file system that nobody may write. */
class StageTest {
  @TempDir Path temporary;

  @Test
  void shouldTrainAlikeOnCopiesThatRanksShare() throws Exception {
    Path plain = temporary.resolve("plain");
    Path run = temporary.resolve("run");
    Path local = temporary.resolve("local");
    KilnProcess.run(TinyRuns.train(plain, "--ranks", "2")).assertOk();
    Outcome outcome = KilnProcess.run(TinyRuns.train(run, "--ranks", "2", "--stage", local.toString())).assertOk();
    assertTrue(outcome.out().contains("staged "), outcome::toString);
    RunFiles.assertSame(plain, run, 12);
    try (var files = Files.walk(local)) {
      long blocks = files.filter(file -> file.getFileName().toString().matches("block-\\d+")).count();
      assertEquals(8, blocks, "every block once");
    }
  }

  @Test
  void shouldTrainOnReadOnlyFileSystem() throws Exception {
    Path data = TinyRuns.copy(TinyRuns.data(), temporary.resolve("data"));
    Path mounted = Files.createDirectory(temporary.resolve("mounted"));
    String why = command("mount", "--bind", data.toString(), mounted.toString());
    if (!why.isEmpty()) {
      System.err.println("StageTest.shouldTrainOnReadOnlyFileSystem is skipped: no mount here (it takes root): " + why.strip());
      abort("cannot mount: " + why);
    }
    try {
      assertEquals("", command("mount", "-o", "remount,ro,bind", mounted.toString()));
      assertTrue(command("touch", mounted.resolve("x").toString()).contains("Read-only"));
      KilnProcess.run(TinyRuns.trainOn(mounted, temporary.resolve("run"), "--steps", "2", "--ranks", "2")).assertOk();
      KilnProcess.run(TinyRuns.trainOn(mounted, temporary.resolve("followed"), "--steps", "2", "--follow")).assertOk();
      KilnProcess.runHere("data", "verify", mounted.toString()).assertOk();
    } finally {
      assertEquals("", command("umount", mounted.toString()));
    }
  }

  /** What it says if it fails. */
  private static String command(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor() == 0 ? "" : out.isEmpty() ? "failed" : out;
  }
}
