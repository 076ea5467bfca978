package kiln.data.typeset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TypefaceTest {
  private static final String NOTO = "Noto Sans Regular";

  private static List<String> texts(ShapedText shaped) {
    return shaped.cells().stream().map(c -> shaped.text().substring(c.start(), c.end())).toList();
  }

  @Test
  void shouldCoverEveryWordOfEveryLanguageWithCells() {
    WritingFonts fonts = TestFonts.of(Language.CODES);
    for (Language language : fonts.languages()) {
      Typeface typeface = fonts.of(language).getFirst();
      for (String word : language.words()) {
        ShapedText shaped = typeface.shape(word, language.rightToLeft()).orElseThrow(() -> new AssertionError(language + " " + word));
        assertEquals(word, String.join("", texts(shaped)));
        assertTrue(shaped.advance() > 0, word);
      }
    }
  }

  @Test
  void shouldRunFromRightToLeftButNumbersFromLeftToRight() {
    Typeface typeface = TestFonts.named("he", "DejaVu Sans");
    ShapedText shaped = typeface.shape("שלום 123", true).orElseThrow();
    List<ShapedText.Cell> cells = shaped.cells();
    for (int i = 1; i < 4; i++) {
      assertTrue(cells.get(i).left() < cells.get(i - 1).left(), "letter " + i + " stands left of the one before");
    }
    assertTrue(cells.get(5).right() <= cells.get(3).left(), "the number stands left of the word");
    assertTrue(cells.get(5).left() < cells.get(6).left() && cells.get(6).left() < cells.get(7).left());
  }

  @Test
  void shouldKeepLettersThatAFontJoinsInOneCell() {
    assertEquals(List.of("o", "ffi", "c", "e"), texts(TestFonts.named("en", NOTO).shape("office", false).orElseThrow()));
  }

  @Test
  void shouldKeepMarksWithTheirLetters() {
    Typeface devanagari = TestFonts.named("hi", "Noto Sans Devanagari Regular");
    assertEquals(List.of("हि", "न्दी"), texts(devanagari.shape("हिन्दी", false).orElseThrow()));
    assertEquals(List.of("e\u0301", "t"), texts(TestFonts.named("en", NOTO).shape("e\u0301t", false).orElseThrow()));
  }

  @Test
  void shouldShowNothingInPlaceOfWhatAFontLacks() {
    Typeface devanagari = TestFonts.named("hi", "Noto Sans Devanagari Regular");
    assertEquals(Optional.empty(), devanagari.shape("漢字", false));
    assertEquals(Optional.empty(), devanagari.shape("\u093f", false), "a mark alone gets a dotted circle");
    assertTrue(devanagari.shape("कि", false).isPresent());
    assertEquals(Optional.empty(), TestFonts.named("en", NOTO).shape("a\ue000", false), "private use");
  }
}
