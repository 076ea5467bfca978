package kiln.data.stamps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.imageio.ImageIO;
import kiln.bindings.UserException;
import kiln.data.BucketTable;
import kiln.data.dataset.BuildOptions;
import kiln.data.dataset.DatasetBuilder;
import kiln.data.queue.BatchReader;
import kiln.data.queue.Block;
import kiln.data.queue.Manifest;
import kiln.data.queue.Split;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StampsSourceTest {
  private static final BuildOptions BUILD = new BuildOptions(4, 2, false);

  @TempDir Path temporary;
  private Path stamps;

  @BeforeEach
  void drawStamps() throws Exception {
    stamps = Files.createDirectories(temporary.resolve("stamps/animals"));
    for (int i = 0; i < 6; i++) {
      picture(stamps.resolve("beast" + i + ".png"), i);
      Files.writeString(stamps.resolve("beast" + i + ".txt"), captions("beast " + i));
    }
    Files.writeString(
        stamps.resolve("wheel.svg"),
        "<svg xmlns='http://www.w3.org/2000/svg' width='10' height='10'><circle cx='5' cy='5' r='5'/></svg>");
    Files.writeString(stamps.resolve("wheel.txt"), captions("wheel"));
    stamps = temporary.resolve("stamps");
  }

  private static void picture(Path file, int number) throws Exception {
    BufferedImage image = new BufferedImage(30, 20, BufferedImage.TYPE_INT_ARGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(new Color(40 * number, 80, 160));
    graphics.fillOval(2, 2, 20, 10);
    graphics.dispose();
    ImageIO.write(image, "png", file.toFile());
  }

  private static String captions(String name) {
    return "A " + name + ".\nfr.utf8=Un " + name + ".\nde.utf8=Ein " + name + ".\npt_BR.utf8=Um " + name
        + ".\nel.utf8=Ένα " + name + ".\nen_GB.utf8=A " + name + ".\nnl.utf8=\nthis line is neither\n";
  }

  private static StampsOptions options(int perImage, int validation, String... holdout) {
    return new StampsOptions(
        BucketTable.square(32, 64), perImage, validation, 1, Map.of("en", 3.0), List.of(holdout));
  }

  private Manifest build(StampsOptions options, BuildOptions build) {
    return DatasetBuilder.build(new StampsSource(options, stamps), temporary.resolve("data"), build, (_, _, _) -> {});
  }

  private Set<String> captions(Split split) {
    Set<String> captions = new HashSet<>();
    try (BatchReader reader = BatchReader.open(temporary.resolve("data"), split)) {
      reader.verify(_ -> {});
      for (int b = 0; b < reader.numBlocks(); b++) {
        Block block = reader.block(b);
        for (int i = 0; i < block.count(); i++) {
          captions.add(block.caption(i) + " " + block.truth(i));
        }
      }
    }
    return captions;
  }

  @Test
  void shouldKeepHeldOutLanguagesForValidation() {
    Manifest manifest = build(options(3, 2, "de", "el", "pt"), BUILD);
    assertEquals(21, manifest.splits().get("train").samples());
    assertEquals(14, manifest.splits().get("validation").samples());
    assertEquals(List.of(), manifest.skipped());
    for (String caption : captions(Split.TRAIN)) {
      assertTrue(caption.matches(".*\"language\":\"(en|fr|en_GB)\".*"), caption);
    }
    for (String caption : captions(Split.VALIDATION)) {
      assertTrue(caption.matches(".*\"language\":\"(de|el|pt_BR)\".*"), caption);
    }
    assertTrue(captions(Split.TRAIN).contains("Un wheel. {\"stamp\":\"animals/wheel\",\"language\":\"fr\"}"));
  }

  @Test
  void shouldNotValidateOnCaptionThatTrainingKnows() {
    Manifest manifest = build(options(4, 3, "en_GB", "de"), BUILD);
    for (String caption : captions(Split.VALIDATION)) {
      assertTrue(caption.contains("\"de\""), "en_GB says the same as en: " + caption);
    }
    assertEquals(7, manifest.splits().get("validation").samples());
  }

  @Test
  void shouldDrawLanguagesByWeight() {
    StampsOptions never =
        new StampsOptions(BucketTable.square(32, 64), 6, 0, 1, Map.of("fr", 0.0, "pt_BR", 0.0), List.of());
    build(never, BUILD);
    for (String caption : captions(Split.TRAIN)) {
      assertFalse(caption.contains("\"fr\"") || caption.contains("pt_BR"), caption);
    }
    assertFalse(Files.exists(temporary.resolve("data/validation")));
  }

  @Test
  void shouldSkipAndReportWhatCannotBeUsed() throws Exception {
    Path broken = stamps.resolve("animals/broken.png");
    Files.writeString(broken, "no picture");
    Files.writeString(stamps.resolve("animals/broken.txt"), captions("broken"));
    Files.writeString(stamps.resolve("animals/ghost.txt"), captions("ghost"));
    Path invalid = stamps.resolve("animals/beast1.txt");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes("A beast.\nfr.utf8=b".getBytes(StandardCharsets.UTF_8));
    bytes.write(0xff);
    bytes.writeBytes("te\nel.utf8=Ένα\n".getBytes(StandardCharsets.UTF_8));
    Files.write(invalid, bytes.toByteArray());

    Manifest manifest = build(options(2, 1, "de", "el"), BUILD);
    Map<String, Manifest.Skipped> skipped = new HashMap<>();
    manifest.skipped().forEach(s -> skipped.put(s.reason(), s));
    assertEquals(3, skipped.size(), manifest.skipped().toString());
    assertEquals(1, skipped.get("image does not decode").count());
    assertTrue(skipped.get("image does not decode").examples().getFirst().startsWith(broken + ": "));
    assertEquals(1, skipped.get("caption without image").count());
    assertEquals(
        List.of(invalid + ": byte 0xff at offset 18 is not valid UTF-8"),
        skipped.get("caption with invalid UTF-8").examples());
    assertEquals(13, manifest.splits().get("train").samples(), "six stamps twice, the one with a bad line once");
  }

  @Test
  void shouldStopAtUnusableInputWhenStrict() throws Exception {
    Path broken = stamps.resolve("animals/broken.png");
    Files.writeString(broken, "no picture");
    Files.writeString(stamps.resolve("animals/broken.txt"), captions("broken"));
    UserException e =
        assertThrows(UserException.class, () -> build(options(2, 1, "de"), new BuildOptions(4, 2, true)));
    assertTrue(e.getMessage().startsWith(broken + ": "), e.getMessage());
    try (var left = Files.list(temporary)) {
      assertEquals(List.of(stamps), left.toList(), "nothing half-written");
    }
  }

  @Test
  void shouldGiveSameSamplesForSameSeed() {
    build(options(2, 1, "de"), BUILD);
    List<Long> first = ids();
    deleteData();
    build(options(2, 1, "de"), new BuildOptions(4, 1, false));
    assertEquals(first, ids());
  }

  private List<Long> ids() {
    List<Long> ids = new ArrayList<>();
    try (BatchReader reader = BatchReader.open(temporary.resolve("data"))) {
      for (long i = 0; i < reader.numSamples(); i++) {
        ids.add(reader.block(i / 4).sampleId((int) (i % 4)));
      }
    }
    return ids;
  }

  private void deleteData() {
    try (var files = Files.walk(temporary.resolve("data"))) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void shouldRefuseFolderWithoutStamps() {
    UserException e =
        assertThrows(UserException.class, () -> new StampsSource(options(1, 0), temporary.resolve("nowhere")));
    assertTrue(e.getMessage().contains("nowhere"), e.getMessage());
  }
}
