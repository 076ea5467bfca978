package kiln.launcher.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TypographyCommandTest {
  @TempDir Path temporary;

  private Outcome typography(String... more) {
    List<String> command = Stream.concat(Stream.of("data", "typography"), Stream.of(more)).toList();
    return KilnProcess.runHere(command.toArray(String[]::new));
  }

  private List<String> made() throws IOException {
    try (Stream<Path> entries = Files.list(temporary)) {
      return entries.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void shouldMakeDataOfSeveralBuckets() throws IOException {
    Path out = temporary.resolve("data");
    String said =
        typography(
                "--out", out.toString(), "--count", "40", "--validation-count", "8", "--block-size", "4",
                "--size", "16x16,16x32", "--caption-length", "48,96", "--seed", "5")
            .assertOk()
            .out();
    assertTrue(said.contains("train: 40 samples"), said);
    assertTrue(said.contains("16x16 captions 48="), said);
    assertTrue(said.contains("16x32 captions 48="), said);
    assertTrue(said.contains("trainingFonts: ["), said);
    KilnProcess.runHere("data", "verify", out.toString()).assertOk();
    assertEquals(List.of("data"), made());
  }

  @Test
  void shouldLeaveFolderThatHoldsSomethingAlone() throws IOException {
    Files.writeString(temporary.resolve("mine.txt"), "mine");
    typography("--out", temporary.toString(), "--count", "8")
        .assertRefused(ExitStatus.USER_ERROR, temporary.toString(), "already holds files");
    assertEquals(List.of("mine.txt"), made());
  }

  @Test
  void shouldRefuseMoreThanTheDiskHolds() throws IOException {
    typography("--out", temporary.resolve("data").toString(), "--count", "1000000000000")
        .assertRefused(ExitStatus.USER_ERROR, "bytes free", "needs about");
    assertEquals(List.of(), made());
  }

  @Test
  void shouldRefuseMalformedValues() throws IOException {
    String out = temporary.resolve("data").toString();
    typography("--out", out, "--size", "32by32").assertRefused(ExitStatus.USAGE, "option --size", "32by32");
    typography("--out", out, "--block-size", "0").assertRefused(ExitStatus.USER_ERROR, "--block-size", "0", "expected 1 to");
    typography("--out", out, "--threads", "0").assertRefused(ExitStatus.USER_ERROR, "--threads", "0");
    typography("--out", out, "--single-characters", "2").assertRefused(ExitStatus.USER_ERROR, "--single-characters", "2");
    typography("--out", out, "--characters", "").assertRefused(ExitStatus.USER_ERROR, "--characters");
    typography("--out", out, "--holdout-fonts", "(").assertRefused(ExitStatus.USER_ERROR, "--holdout-fonts");
    typography("--out", out, "--caption-length", "0").assertRefused(ExitStatus.USER_ERROR, "caption", "0");
    typography("--out", out, "--size", "0x0").assertRefused(ExitStatus.USER_ERROR, "0");
    typography("--out", out, "--count", "0").assertRefused(ExitStatus.USER_ERROR, "--count");
    assertEquals(List.of(), made());
  }
}
