package kiln.data.scenes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import kiln.bindings.UserException;
import kiln.data.BucketTable;
import kiln.data.Sample;
import kiln.data.queue.Split;
import kiln.data.source.UnusableException;
import kiln.data.typeset.Boxes;
import kiln.data.typeset.TestFonts;
import kiln.data.typography.TypographyTruth.Box;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SceneSourceTest {
  private static final List<String> SOME = List.of("en", "de", "ru", "ar", "he", "hi", "ta", "th");

  private static SceneOptions options(
      int side, int caption, List<SceneLayout> layouts, List<String> languages, SceneOptions.Shares shares) {
    return new SceneOptions(
        BucketTable.square(side, caption), 1000, 100, 3, layouts, languages, List.of("en", "de", "ar", "hi"), shares, Optional.empty());
  }

  private static SceneSource source(
      int side, int caption, List<SceneLayout> layouts, List<String> languages, SceneOptions.Shares shares) {
    return new SceneSource(
        options(side, caption, layouts, languages, shares), TestFonts.of(languages), PhotoPool.EMPTY);
  }

  private static byte[] pixels(Sample sample) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(3L * sample.size().height() * sample.size().width());
      sample.pixels().writeTo(memory);
      return memory.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  private static boolean contains(Box box, int x, int y) {
    return x >= box.x() && x < box.x() + box.width() && y >= box.y() && y < box.y() + box.height();
  }

  /** Whether a pixel touches the quad, up to the tenth of a pixel that quads are rounded to. */
  private static boolean touches(float[] quad, int x, int y) {
    Path2D path = new Path2D.Double();
    path.moveTo(quad[0], quad[1]);
    for (int i = 2; i < 8; i += 2) {
      path.lineTo(quad[i], quad[i + 1]);
    }
    path.closePath();
    return path.intersects(x - 0.1, y - 0.1, 1.2, 1.2);
  }

  private static void assertInkInBoxes(SceneSource source, int count) throws Exception {
    for (int i = 0; i < count; i++) {
      Scene scene = source.scene(Split.TRAIN, i);
      SceneTruth truth = scene.truth();
      String which = "scene " + i + " " + truth.text() + " in " + truth.font();
      int[] with = scene.paint();
      int[] without = scene.painted();
      int width = scene.size().width();
      Set<Boxes.Mark> inked = new HashSet<>();
      for (int at = 0; at < with.length; at++) {
        if (with[at] != without[at]) {
          int x = at % width;
          int y = at / width;
          boolean inside = false;
          for (Boxes.Mark mark : truth.characters()) {
            if (contains(mark.box(), x, y) && (mark.quad() == null || touches(mark.quad(), x, y))) {
              inked.add(mark);
              inside = true;
            }
          }
          assertTrue(inside, which + ": ink outside all boxes at x=" + x + " y=" + y);
          assertTrue(contains(truth.box(), x, y), which);
          assertTrue(truth.words().stream().anyMatch(mark -> contains(mark.box(), x, y)), which);
          assertTrue(truth.lines().stream().anyMatch(mark -> contains(mark.box(), x, y)), which);
        }
      }
      assertEquals(new HashSet<>(truth.characters()), inked, which + ": ink in every box");
    }
  }

  @Test
  void shouldKeepAllInkInsideItsBoxesAndHaveInkInEach() throws Exception {
    List<SceneLayout> layouts = List.of(SceneLayout.WORD, SceneLayout.LINES, SceneLayout.CURVE);
    assertInkInBoxes(source(128, 256, layouts, SOME, new SceneOptions.Shares(0.5, 0.4, 0, 0.5, 0, 0)), 60);
  }

  @Test
  void shouldKeepInkOfColumnsInsideItsBoxes() throws Exception {
    assertInkInBoxes(
        source(128, 256, List.of(SceneLayout.VERTICAL), List.of("ja", "zh", "ko"), SceneOptions.Shares.NONE), 12);
  }

  @Test
  void shouldWriteColumnsDownwardsAndFromRightToLeft() throws Exception {
    SceneSource source =
        source(192, 512, List.of(SceneLayout.VERTICAL), List.of("ja", "zh", "ko"), SceneOptions.Shares.NONE);
    int compared = 0;
    for (int i = 0; i < 20; i++) {
      SceneTruth truth = source.scene(Split.TRAIN, i).truth();
      assertEquals("ttb", truth.direction());
      int character = 0;
      for (int l = 0; l < truth.lines().size(); l++) {
        if (l > 0) {
          assertTrue(truth.lines().get(l).box().x() < truth.lines().get(l - 1).box().x(), truth.text());
        }
        int length = truth.lines().get(l).text().replace(" ", "").length();
        for (int c = 1; c < length; c++, compared++) {
          Box above = truth.characters().get(character + c - 1).box();
          Box below = truth.characters().get(character + c).box();
          assertTrue(below.y() + below.height() > above.y() + above.height(), truth.text());
        }
        character += length;
      }
      assertEquals(truth.characters().size(), character);
    }
    assertTrue(compared > 50, "compared=" + compared);
  }

  @Test
  void shouldWriteRightToLeftWhereTheScriptDoes() throws Exception {
    SceneSource source = source(256, 512, List.of(SceneLayout.LINES), List.of("ar", "he", "en"), SceneOptions.Shares.NONE);
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 40; i++) {
      SceneTruth truth = source.scene(Split.TRAIN, i).truth();
      int word = 0;
      for (Boxes.Mark line : truth.lines()) {
        int words = line.text().split(" ").length;
        if (words > 1 && !line.text().matches(".*[0-9٠-٩].*")) {
          boolean left = truth.words().get(word + 1).box().x() < truth.words().get(word).box().x();
          assertEquals(truth.direction().equals("rtl"), left, line.text());
          seen.add(truth.language());
        }
        word += words;
      }
    }
    assertEquals(Set.of("ar", "he", "en"), seen);
  }

  @Test
  void shouldQuoteTheTextExactlyInCaptionsThatFit() throws Exception {
    for (int length : new int[] {32, 128, 512}) {
      SceneSource source =
          source(96, length, List.of(SceneLayout.WORD, SceneLayout.LINES), SOME, SceneOptions.Shares.DEFAULTS);
      for (int i = 0; i < 60; i++) {
        Sample sample = source.sample(Split.TRAIN, i);
        SceneTruth truth = SceneTruth.parse(new String(sample.truth(), StandardCharsets.UTF_8));
        String caption = new String(sample.caption(), StandardCharsets.UTF_8);
        assertTrue(caption.contains(truth.text()), caption + " / " + truth.text());
        assertTrue(!caption.contains("{"), caption);
        assertTrue(sample.caption().length < length, caption);
        assertEquals(
            truth.text().replaceAll("\\s", ""),
            String.join("", truth.characters().stream().map(Boxes.Mark::text).toList()));
        assertEquals(truth.text(), String.join("\n", truth.lines().stream().map(Boxes.Mark::text).toList()));
      }
    }
  }

  @Test
  void shouldBePureFunctionOfSeedAndIndexOnAnyThread() throws Exception {
    List<SceneLayout> layouts = List.of(SceneLayout.WORD, SceneLayout.LINES, SceneLayout.CURVE);
    SceneSource a = source(96, 256, layouts, SOME, SceneOptions.Shares.DEFAULTS);
    SceneSource b = source(96, 256, layouts, SOME, SceneOptions.Shares.DEFAULTS);
    List<Sample> together =
        IntStream.range(0, 24)
            .parallel()
            .mapToObj(
                i -> {
                  try {
                    return a.sample(Split.TRAIN, i);
                  } catch (UnusableException e) {
                    throw new AssertionError(e);
                  }
                })
            .toList();
    for (int i = 23; i >= 0; i--) {
      Sample alone = b.sample(Split.TRAIN, i);
      assertEquals(together.get(i).id(), alone.id());
      assertArrayEquals(together.get(i).caption(), alone.caption());
      assertArrayEquals(together.get(i).truth(), alone.truth());
      assertArrayEquals(pixels(together.get(i)), pixels(alone), "sample " + i);
    }
  }

  @Test
  void shouldUseHeldOutFontsForValidationOnly() throws Exception {
    SceneSource source = source(64, 256, List.of(SceneLayout.WORD), SOME, SceneOptions.Shares.NONE);
    List<String> training = source.fonts().training().names();
    List<String> heldOut = source.fonts().heldOut().names();
    assertTrue(training.stream().noneMatch(heldOut::contains));
    for (int i = 0; i < 40; i++) {
      assertTrue(training.contains(source.scene(Split.TRAIN, i).truth().font()));
      assertTrue(heldOut.contains(source.scene(Split.VALIDATION, i).truth().font()));
    }
  }

  @Test
  void shouldLayPhotographsBehindAndCountWhatDoesNotDecode(@TempDir Path folder) throws Exception {
    BufferedImage image = new BufferedImage(90, 60, BufferedImage.TYPE_INT_RGB);
    for (int x = 0; x < 90; x++) {
      for (int y = 0; y < 60; y++) {
        image.setRGB(x, y, 2 * x << 16 | 2 * y << 8);
      }
    }
    ImageIO.write(image, "png", folder.resolve("slope.png").toFile());
    Files.writeString(folder.resolve("broken.jpg"), "no picture");
    Files.createDirectory(folder.resolve("symbols"));
    ImageIO.write(image, "png", folder.resolve("symbols/letter.png").toFile());
    SceneOptions options =
        options(64, 256, List.of(SceneLayout.WORD), List.of("en"), new SceneOptions.Shares(0, 0, 0, 0, 1, 0));
    PhotoPool photos = PhotoPool.read(folder, options.buckets(), 1);
    assertEquals(List.of("slope.png"), photos.photos().stream().map(PhotoPool.Photo::name).toList());
    assertEquals(1, photos.unusable().size());
    Scene scene = new SceneSource(options, TestFonts.of(List.of("en")), photos).scene(Split.TRAIN, 0);
    assertEquals("photo slope.png", scene.truth().background());
    int[] rgb = scene.painted();
    assertTrue((rgb[63] >> 16 & 255) > (rgb[0] >> 16 & 255) + 40, "redder at the right");
    assertTrue((rgb[63 * 64] >> 8 & 255) > (rgb[0] >> 8 & 255) + 25, "greener below");
  }

  @Test
  void shouldRefuseFoldersWithoutPhotographs(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("broken.jpg"), "no picture");
    BucketTable buckets = BucketTable.square(64, 64);
    assertTrue(
        assertThrows(UserException.class, () -> PhotoPool.read(folder, buckets, 1)).getMessage().contains("--photos"));
    assertThrows(UserException.class, () -> PhotoPool.read(folder.resolve("missing"), buckets, 1));
  }

  @Test
  void shouldRefuseOptionsOutOfRange() {
    List<SceneLayout> word = List.of(SceneLayout.WORD);
    List<Runnable> mistakes = new ArrayList<>();
    mistakes.add(() -> options(16, 256, word, List.of("en"), SceneOptions.Shares.NONE));
    mistakes.add(() -> options(64, 16, word, List.of("en"), SceneOptions.Shares.NONE));
    mistakes.add(() -> options(64, 256, List.of(), List.of("en"), SceneOptions.Shares.NONE));
    mistakes.add(() -> new SceneOptions.Shares(1.1, 0, 0, 0, 0, 0));
    mistakes.add(() -> SceneOptions.defaults(64, 64, 0, 1));
    mistakes.add(() -> source(64, 256, List.of(SceneLayout.VERTICAL), List.of("en"), SceneOptions.Shares.NONE));
    mistakes.forEach(mistake -> assertThrows(UserException.class, mistake::run));
  }
}
