package kiln.launcher.cli;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StampsDataCommandTest {
  private static final String CAPTIONS = "A square.\nde.utf8=Ein Quadrat.\nfr.utf8=Un carré.\n";

  @TempDir Path temporary;
  private Path stamps;
  private Path out;

  @BeforeEach
  void makeStamps() throws IOException {
    stamps = Files.createDirectory(temporary.resolve("pictures"));
    out = temporary.resolve("data");
    for (String name : List.of("one", "two", "three")) {
      add(name, png(), CAPTIONS.getBytes(StandardCharsets.UTF_8));
    }
  }

  private void add(String name, byte[] picture, byte[] captions) throws IOException {
    Files.write(stamps.resolve(name + ".png"), picture);
    Files.write(stamps.resolve(name + ".txt"), captions);
  }

  private static byte[] png() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(20, 20, BufferedImage.TYPE_INT_RGB), "png", bytes);
    return bytes.toByteArray();
  }

  private Outcome build(String... more) {
    Stream<String> own =
        Stream.of("data", "stamps", "--stamps", stamps.toString(), "--out", out.toString(), "--block-size", "2");
    return KilnProcess.runHere(Stream.concat(own, Stream.of(more)).toArray(String[]::new));
  }

  @Test
  void shouldBuildFromFolder() {
    String said = build("--captions-per-image", "2").assertOk().out();
    assertTrue(said.contains("train: 6 samples"), said);
    assertTrue(said.contains("validation: 3 samples"), said);
    assertFalse(said.contains("skipped"), said);
    KilnProcess.runHere("data", "verify", out.toString()).assertOk();
  }

  @Test
  void shouldSkipAndReportPictureThatDoesNotDecode() throws IOException {
    byte[] whole = png();
    byte[] cut = Arrays.copyOf(whole, whole.length / 2);
    add("torn", cut, CAPTIONS.getBytes(StandardCharsets.UTF_8));
    String said = build("--captions-per-image", "2").assertOk().out();
    assertTrue(said.contains("train: 6 samples"), said);
    assertTrue(said.lines().anyMatch(line -> line.startsWith("skipped ") && line.contains("torn.png")), said);
  }

  @Test
  void shouldSkipAndReportCaptionWithInvalidUtf8() throws IOException {
    byte[] captions = CAPTIONS.getBytes(StandardCharsets.UTF_8);
    captions[0] = (byte) 0xff;
    add("garbled", png(), captions);
    String said = build("--captions-per-image", "2").assertOk().out();
    assertTrue(said.lines().anyMatch(line -> line.startsWith("skipped ") && line.contains("invalid UTF-8")), said);
    assertTrue(said.contains("garbled.txt"), said);
  }

  @Test
  void shouldStopAtBadInputIfStrictAndGoOnWhenItIsMended() throws IOException {
    add("torn", new byte[] {1, 2, 3}, CAPTIONS.getBytes(StandardCharsets.UTF_8));
    build("--strict").assertRefused(ExitStatus.USER_ERROR, "torn.png");
    assertFalse(Files.exists(out.resolve("dataset.json")));
    Files.write(stamps.resolve("torn.png"), png());
    build("--strict").assertOk();
    assertTrue(Files.exists(out.resolve("dataset.json")));
  }

  @Test
  void shouldRefuseFolderWithoutStamps() throws IOException {
    Path empty = Files.createDirectory(temporary.resolve("void"));
    String[] command = {"data", "stamps", "--stamps", empty.toString(), "--out", out.toString()};
    KilnProcess.runHere(command).assertRefused(ExitStatus.USER_ERROR, empty.toString(), "no stamps");
    command[3] = temporary.resolve("nowhere").toString();
    KilnProcess.runHere(command).assertRefused(ExitStatus.USER_ERROR, "nowhere", "cannot be read");
    assertFalse(Files.exists(out));
  }

  @Test
  void shouldRefuseMalformedValues() {
    build("--language-weight", "en").assertRefused(ExitStatus.USAGE, "--language-weight");
    build("--language-weight", "en=-1").assertRefused(ExitStatus.USER_ERROR, "--language-weight", "-1");
    build("--captions-per-image", "0").assertRefused(ExitStatus.USER_ERROR, "--captions-per-image", "0");
    assertFalse(Files.exists(out));
  }
}
