package kiln.data.typography;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import kiln.bindings.UserException;
import kiln.data.BucketTable;
import kiln.data.Sample;
import kiln.data.queue.Split;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TypographySourceTest {
  private static FontCatalog catalog;

  @BeforeAll
  static void findFonts() {
    catalog = FontCatalog.ofMachine(_ -> {});
  }

  private static TypographyOptions options(long seed, int captionLength) {
    BucketTable table =
        new BucketTable(
            List.of(new BucketTable.Size(32, 32), new BucketTable.Size(24, 48)), List.of(captionLength));
    return new TypographyOptions(table, 300, 100, seed, 0.5, TypographyOptions.ALL_CHARACTERS, 0.1, 0.15, Optional.empty());
  }

  private static byte[] pixels(Sample sample) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(3L * sample.size().height() * sample.size().width());
      sample.pixels().writeTo(memory);
      return memory.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  private static TypographyTruth truth(Sample sample) {
    return TypographyTruth.parse(new String(sample.truth(), StandardCharsets.UTF_8));
  }

  private static boolean contains(TypographyTruth.Box box, int x, int y) {
    return x >= box.x() && x < box.x() + box.width() && y >= box.y() && y < box.y() + box.height();
  }

  @Test
  void shouldKeepAllInkInsideItsBoxes() throws Exception {
    TypographySource source = new TypographySource(options(3, 64), catalog);
    for (int i = 0; i < 300; i++) {
      Sample sample = source.sample(Split.TRAIN, i);
      TypographyTruth truth = truth(sample);
      byte[] rgb = pixels(sample);
      int ground = Integer.parseInt(truth.background().substring(1), 16);
      int ink = 0;
      for (int y = 0; y < sample.size().height(); y++) {
        for (int x = 0; x < sample.size().width(); x++) {
          int at = 3 * (y * sample.size().width() + x);
          int value = (rgb[at] & 255) << 16 | (rgb[at + 1] & 255) << 8 | rgb[at + 2] & 255;
          if (value != ground) {
            ink++;
            int px = x;
            int py = y;
            assertTrue(contains(truth.box(), x, y), "sample " + i + " x=" + x + " y=" + y + " " + truth);
            assertTrue(
                truth.characters().stream().anyMatch(c -> contains(c.box(), px, py)),
                "sample " + i + " x=" + x + " y=" + y + " " + truth);
          }
        }
      }
      assertTrue(ink >= 10, "sample " + i + " ink=" + ink + " " + truth);
      assertTrue(truth.box().x() >= 0 && truth.box().x() + truth.box().width() <= sample.size().width());
      assertTrue(truth.box().y() >= 0 && truth.box().y() + truth.box().height() <= sample.size().height());
    }
  }

  @Test
  void shouldQuoteTextInCaptionsThatFit() throws Exception {
    for (int length : new int[] {24, 64, 128}) {
      TypographySource source = new TypographySource(options(5, length), catalog);
      for (int i = 0; i < 200; i++) {
        Sample sample = source.sample(Split.TRAIN, i);
        String caption = new String(sample.caption(), StandardCharsets.UTF_8);
        TypographyTruth truth = truth(sample);
        assertTrue(caption.contains('"' + truth.text() + '"'), caption);
        assertTrue(sample.caption().length < length, caption);
        assertEquals(
            truth.text(), truth.characters().stream().map(TypographyTruth.Character::text).collect(Collectors.joining()));
      }
    }
  }

  @Test
  void shouldBePureFunctionOfSeedAndIndex() throws Exception {
    TypographySource a = new TypographySource(options(7, 64), catalog);
    TypographySource b = new TypographySource(options(7, 64), catalog);
    TypographySource other = new TypographySource(options(8, 64), catalog);
    int differ = 0;
    for (int i = 20; i >= 0; i--) {
      Sample first = a.sample(Split.TRAIN, i);
      Sample second = b.sample(Split.TRAIN, i);
      assertEquals(first.id(), second.id());
      assertArrayEquals(first.caption(), second.caption());
      assertArrayEquals(first.truth(), second.truth());
      assertArrayEquals(pixels(first), pixels(second));
      differ += truth(first).equals(truth(other.sample(Split.TRAIN, i))) ? 0 : 1;
    }
    assertTrue(differ >= 20);
    assertNotEquals(truth(a.sample(Split.TRAIN, 0)), truth(a.sample(Split.VALIDATION, 0)));
  }

  @Test
  void shouldUseHeldOutFontsForValidationOnly() throws Exception {
    TypographySource source = new TypographySource(options(9, 64), catalog);
    Set<String> training = names(source.fonts().training());
    Set<String> heldOut = names(source.fonts().heldOut());
    assertTrue(!training.isEmpty() && !heldOut.isEmpty());
    assertTrue(training.stream().noneMatch(heldOut::contains));
    for (int i = 0; i < 100; i++) {
      assertTrue(training.contains(truth(source.sample(Split.TRAIN, i)).font()));
      assertTrue(heldOut.contains(truth(source.sample(Split.VALIDATION, i)).font()));
    }
  }

  private static Set<String> names(List<FontFace> faces) {
    return faces.stream().map(FontFace::name).collect(Collectors.toSet());
  }

  @Test
  void shouldHoldOutFamiliesByExpression() {
    String family = catalog.families().getLast();
    FontCatalog.Parts parts = catalog.holdOut("^" + Pattern.quote(family) + "$");
    assertEquals(Set.of(family), parts.heldOut().stream().map(FontFace::family).collect(Collectors.toSet()));
    assertTrue(assertThrows(UserException.class, () -> catalog.holdOut("no such font")).getMessage().contains("no family"));
    assertThrows(UserException.class, () -> catalog.holdOut("("));
    assertThrows(UserException.class, () -> catalog.holdOut("."));
  }

  @Test
  void shouldRefuseOptionsOutOfRange() {
    assertThrows(UserException.class, () -> TypographyOptions.defaults(8, 64, 10, 1));
    assertThrows(UserException.class, () -> TypographyOptions.defaults(32, 64, 0, 1));
    assertThrows(
        UserException.class,
        () -> new TypographyOptions(BucketTable.square(32, 64), 1, 0, 1, 1.5, "A", 0, 0, Optional.empty()));
  }
}
