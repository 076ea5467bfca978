package kiln.launcher.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kiln data scenes} and {@code kiln data documents}. */
class ScenesCommandTest {
  @TempDir Path temporary;

  /** What was said, or the test is skipped aloud if there is no second family of fonts and none could be fetched. */
  private static String made(Outcome outcome) {
    boolean noFonts = outcome.err().contains("no font");
    if (noFonts) {
      System.out.println("SKIPPED: " + outcome.err());
    }
    assumeTrue(!noFonts, outcome.err());
    return outcome.assertOk().out();
  }

  @Test
  void shouldMakeScenesThatVerify() {
    Path out = temporary.resolve("scenes");
    String said =
        made(
            KilnProcess.runHere(
                "data", "scenes", "--out", out.toString(), "--count", "24", "--validation-count", "8", "--block-size", "4",
                "--size", "64x64,64x96", "--caption-length", "64,256", "--languages", "en,de", "--layouts", "word,curve",
                "--photos", "none", "--seed", "5"));
    assertTrue(said.contains("train: 24 samples"), said);
    assertTrue(said.contains("64x96 captions "), said);
    assertTrue(said.contains("trainingLanguages: [en, de]"), said);
    KilnProcess.runHere("data", "verify", out.toString()).assertOk();
  }

  @Test
  void shouldMakeDocumentsThatVerify() {
    Path out = temporary.resolve("documents");
    String said =
        made(
            KilnProcess.runHere(
                "data", "documents", "--out", out.toString(), "--count", "12", "--validation-count", "4", "--block-size",
                "4", "--size", "256x192", "--languages", "en", "--kinds", "invoice,letter", "--caption", "prompt"));
    assertTrue(said.contains("train: 12 samples"), said);
    assertTrue(said.contains("256x192 captions 64=12"), said);
    KilnProcess.runHere("data", "verify", out.toString()).assertOk();
  }

  @Test
  void shouldRefuseWhatItDoesNotKnow() {
    String out = temporary.resolve("data").toString();
    refused("scenes", out, ExitStatus.USAGE, "--layouts", "spiral");
    refused("scenes", out, ExitStatus.USER_ERROR, "--languages", "xx");
    refused("scenes", out, ExitStatus.USER_ERROR, "--caption-languages", "th");
    refused("scenes", out, ExitStatus.USER_ERROR, "--photos", temporary.resolve("missing").toString());
    refused("scenes", out, ExitStatus.USER_ERROR, "--rotated", "2");
    refused("scenes", out, ExitStatus.USER_ERROR, "--size", "16x16");
    refused("documents", out, ExitStatus.USER_ERROR, "--languages", "th");
    refused("documents", out, ExitStatus.USAGE, "--caption", "nothing");
    refused("documents", out, ExitStatus.USER_ERROR, "--worn", "-1");
  }

  private static void refused(String command, String out, int status, String option, String value) {
    KilnProcess.runHere("data", command, "--out", out, option, value).assertRefused(status, value);
  }
}
