package kiln.data.glyph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import kiln.data.BucketTable;
import kiln.data.Sample;
import kiln.data.source.Draft;
import kiln.data.source.SkipReport;
import kiln.data.typography.FontCatalog;
import kiln.data.typography.TypographyOptions;
import kiln.data.typography.TypographySource;
import kiln.data.typography.TypographyTruth;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class FontTemplatesTest {
  private static final String CAPITALS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

  private static FontCatalog catalog;

  @BeforeAll
  static void findFonts() {
    catalog = FontCatalog.ofMachine(_ -> {});
  }

  @Test
  void shouldFindEveryTemplateItself() {
    FontTemplates templates = FontTemplates.of(catalog.holdOut().heldOut(), CAPITALS_AND_DIGITS);
    for (FontTemplates.Template template : templates.templates()) {
      FontTemplates.Match match = templates.nearest(template.ink());
      assertEquals(template.character(), match.character());
      assertEquals(1, match.correlation(), 1e-6);
    }
  }

  @Test
  void shouldIgnorePlaceSizeAndColours() {
    byte[] small = letterL(40, 40, 5, 20, 8, new int[] {200, 30, 30}, new int[] {250, 250, 0});
    byte[] large = letterL(40, 40, 2, 2, 32, new int[] {0, 0, 0}, new int[] {255, 255, 255});
    InkMap a = InkMap.ofPicture(small, 40, 40);
    InkMap b = InkMap.ofPicture(large, 40, 40);
    assertTrue(a.correlation(b) > 0.95, "correlation=" + a.correlation(b));
  }

  private static byte[] letterL(int height, int width, int x0, int y0, int side, int[] ink, int[] ground) {
    byte[] rgb = new byte[3 * height * width];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        boolean upright = x >= x0 && x < x0 + side / 4 && y >= y0 && y < y0 + side;
        boolean foot = x >= x0 && x < x0 + side / 2 && y >= y0 + side * 3 / 4 && y < y0 + side;
        for (int c = 0; c < 3; c++) {
          rgb[3 * (y * width + x) + c] = (byte) (upright || foot ? ink : ground)[c];
        }
      }
    }
    return rgb;
  }

  @Test
  void shouldCallEmptyPictureBlank() {
    byte[] rgb = new byte[3 * 16 * 16];
    InkMap ink = InkMap.ofPicture(rgb, 16, 16);
    assertTrue(ink.isBlank());
    assertEquals(0, FontTemplates.of(catalog.faces().subList(0, 1), "AB").nearest(ink).correlation());
  }

  @Test
  void shouldRecogniseTrainingFontsByHeldOutFonts() throws Exception {
    TypographyOptions options =
        new TypographyOptions(
            BucketTable.square(32, 64), 400, 0, 11, 1, CAPITALS_AND_DIGITS, 0.5, 0.15, Optional.empty());
    TypographySource source = new TypographySource(options, catalog);
    FontTemplates templates = FontTemplates.of(source.fonts().heldOut(), CAPITALS_AND_DIGITS);
    int right = 0;
    var drafts = source.drafts(new SkipReport(true));
    while (drafts.hasNext()) {
      Draft draft = drafts.next();
      Sample sample = draft.make();
      byte[] rgb = new byte[3 * 32 * 32];
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment pixels = arena.allocate(rgb.length);
        sample.pixels().writeTo(pixels);
        MemorySegment.copy(pixels, ValueLayout.JAVA_BYTE, 0, rgb, 0, rgb.length);
      }
      String text = TypographyTruth.parse(new String(sample.truth(), StandardCharsets.UTF_8)).text();
      if (templates.nearest(rgb, 32, 32).character().equals(text)) {
        right++;
      }
    }
    assertTrue(right >= 360, right + " of 400 recognised");
  }
}
