package kiln.data.typeset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import kiln.bindings.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WritingFontsTest {
  private static Set<String> families(WritingFonts fonts) {
    Set<String> families = new HashSet<>();
    fonts.faces().values().forEach(all -> all.forEach(typeface -> families.add(typeface.face().family())));
    return families;
  }

  @Test
  void shouldHoldOutFamiliesOfEveryLanguageAndLeaveSomeForTraining() {
    WritingFonts fonts = TestFonts.of(List.of("en", "ru", "ar", "he", "hi", "bn", "ta", "th"));
    WritingFonts.Parts parts = fonts.holdOut();
    Set<String> training = families(parts.training());
    assertTrue(families(parts.heldOut()).stream().noneMatch(training::contains));
    assertEquals(fonts.languages(), parts.training().languages());
    assertEquals(fonts.languages(), parts.heldOut().languages());
    assertEquals(families(fonts).size(), training.size() + families(parts.heldOut()).size());
  }

  @Test
  void shouldHoldOutFamiliesByExpression() {
    WritingFonts fonts = TestFonts.of(List.of("en", "hi"));
    WritingFonts.Parts parts = fonts.holdOut("Noto Serif");
    assertTrue(families(parts.heldOut()).stream().allMatch(family -> family.startsWith("Noto Serif")));
    assertFalse(families(parts.training()).stream().anyMatch(family -> family.startsWith("Noto Serif")));
    assertRefused(fonts, "no such font", "matches no family");
    assertRefused(fonts, "Devanagari", "every family that shows Hindi");
    assertRefused(fonts, "(", "not a regular expression");
  }

  private static void assertRefused(WritingFonts fonts, String expression, String said) {
    String message = assertThrows(UserException.class, () -> fonts.holdOut(expression)).getMessage();
    assertTrue(message.contains("--holdout-fonts " + expression) && message.contains(said), message);
  }

  @Test
  void shouldUseForHanOnlyTheFormsOfTheLanguage() {
    WritingFonts fonts = TestFonts.of(List.of("ja", "zh", "en"));
    for (Typeface typeface : fonts.of(Language.of("ja"))) {
      assertTrue(typeface.face().family().endsWith("JP") || !typeface.face().family().contains("CJK"), typeface.face().name());
    }
    for (Typeface typeface : fonts.of(Language.of("en"))) {
      assertFalse(typeface.face().family().contains("CJK"), typeface.face().name());
    }
  }

  @Test
  void shouldHaveNoLanguagesWithoutFonts(@TempDir Path empty) {
    assertEquals(List.of(), WritingFonts.scan(Language.all(), List.of(empty)).languages());
  }
}
