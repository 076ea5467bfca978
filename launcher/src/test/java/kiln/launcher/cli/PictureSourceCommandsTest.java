package kiln.launcher.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PictureSourceCommandsTest {
  /** Written by pyarrow, see write.py beside it. */
  private static final Path PARQUET = Path.of("../data/src/test/resources/parquet");

  @TempDir Path temporary;

  private static Outcome data(String... arguments) {
    return KilnProcess.runHere(Stream.concat(Stream.of("data"), Stream.of(arguments)).toArray(String[]::new));
  }

  private String out(String name) {
    return temporary.resolve(name).toString();
  }

  private static String tables(String name) {
    return PARQUET.resolve(name + ".parquet").toString();
  }

  private static byte[] png(int shade) throws IOException {
    BufferedImage image = new BufferedImage(20, 30, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(new Color(shade, 100, 200));
    graphics.fillRect(0, 0, 20, 30);
    graphics.dispose();
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(image, "png", png);
    return png.toByteArray();
  }

  private Path pictures(int count) throws IOException {
    Path folder = Files.createDirectories(temporary.resolve("pictures"));
    for (int i = 0; i < count; i++) {
      Files.write(folder.resolve(i + ".png"), png(i));
      Files.writeString(folder.resolve(i + ".txt"), "picture " + i);
    }
    return folder;
  }

  /** Options of small data sets without validation. */
  private static String[] small(String... command) {
    String[] options = {"--size", "16x16", "--caption-length", "32", "--block-size", "4", "--validation-share", "0"};
    return Stream.concat(Stream.of(command), Stream.of(options)).toArray(String[]::new);
  }

  /** In a process of its own: its class path has what is delivered, and no library of a test. */
  @Test
  void shouldReadParquetWithWhatIsDelivered() {
    String said =
        KilnProcess.run(small("data", "parquet", tables("{pictures-{snappy,gzip,zstd,lz4,v2},types}"), "--out", out("set")))
            .assertOk()
            .out();
    assertTrue(said.contains("train: 51 samples"), said);
    assertTrue(said.contains("row without picture"), said);
    assertTrue(said.contains("no caption"), said);
    data("verify", out("set")).assertOk();
  }

  @Test
  void shouldReadFoldersAndJsonLines() throws IOException {
    Path folder = pictures(12);
    String said = data(small("folder", folder.toString(), "--out", out("folder"))).assertOk().out();
    assertTrue(said.contains("train: 12 samples"), said);
    Path lines = temporary.resolve("x.jsonl");
    Files.write(
        lines,
        List.of(
            "{\"image\": \"pictures/3.png\", \"caption\": \"three\"}",
            "{\"image\": \"pictures/99.png\", \"caption\": \"gone\"}",
            "{\"image_base64\": \"" + Base64.getEncoder().encodeToString(png(9)) + "\", \"caption\": \"nine\"}",
            "oops"));
    said = data(small("jsonl", lines.toString(), "--out", out("lines"))).assertOk().out();
    assertTrue(said.contains("train: 2 samples"), said);
    assertTrue(said.contains("invalid JSON"), said);
    assertTrue(said.contains("not found"), said);
    data("jsonl", lines.toString(), "--out", out("strict"), "--strict").assertRefused(ExitStatus.USER_ERROR, "x.jsonl:");
    assertTrue(Files.notExists(temporary.resolve("strict")));
  }

  @Test
  void shouldMixWhatTheirNamesSay() throws IOException {
    String folder = pictures(12).toString();
    Path lines = temporary.resolve("x.jsonl");
    Files.writeString(lines, "{\"image\": \"pictures/3.png\", \"caption\": \"three\"}\n");
    String two = folder + "=0.5," + tables("pictures-{snappy,gzip}") + "=0.3";
    String said = data(small("mix", "--mix", two, "--mix", "jsonl:" + lines + "=0.2", "--out", out("mix"))).assertOk().out();
    assertTrue(said.contains("train: 33 samples"), said);
    String drawn = folder + "=0.5,typography=0.5";
    said = data(small("mix", "--mix", drawn, "--when-exhausted", "stop", "--out", out("stopped"))).assertOk().out();
    assertTrue(said.contains("validation: "), said);
    data("verify", out("stopped")).assertOk();
  }

  @Test
  void shouldSayInOneLineWhatIsWrong() throws IOException {
    String set = out("set");
    data("parquet", out("none.parquet"), "--out", set).assertRefused(ExitStatus.USER_ERROR, "none.parquet", "no such file");
    String table = tables("laion");
    data("parquet", table, "--out", set).assertRefused(ExitStatus.USER_ERROR, "laion.parquet", "no column image", "URL, TEXT");
    data("folder", out("none"), "--out", set).assertRefused(ExitStatus.USER_ERROR, "no such folder");
    data("jsonl", out("none.jsonl"), "--out", set).assertRefused(ExitStatus.USER_ERROR, "none.jsonl", "no such file");
    data("jsonl", table, "--max-line", "x", "--out", set).assertRefused(ExitStatus.USAGE, "--max-line", "x");
    data("mix", "--out", set).assertRefused(ExitStatus.USAGE, "--mix", "SOURCE=WEIGHT");
    data("mix", "--mix", "stamps", "--out", set).assertRefused(ExitStatus.USER_ERROR, "--mix stamps", "SOURCE=WEIGHT");
    data("mix", "--mix", "a.bin=1", "--out", set).assertRefused(ExitStatus.USER_ERROR, "--mix a.bin", ".parquet");
    data("mix", "--mix", pictures(1) + "=heavy", "--out", set).assertRefused(ExitStatus.USER_ERROR, "heavy", "a number");
    data("mix", "--mix", pictures(1) + "=0", "--out", set).assertRefused(ExitStatus.USER_ERROR, "above 0");
    data("mix", "--mix", "x=1", "--when-exhausted", "rest", "--out", set)
        .assertRefused(ExitStatus.USAGE, "--when-exhausted", "rest");
    assertTrue(Files.notExists(temporary.resolve("set")));
    assertEquals(ExitStatus.OK, data("mix", "--help").status());
  }
}
