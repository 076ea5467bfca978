package kiln.data.typeset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import kiln.bindings.UserException;
import kiln.data.typography.Ink;
import org.junit.jupiter.api.Test;

class LanguageTest {
  @Test
  void shouldHaveAllThatCaptionsAndDocumentsNeed() {
    Set<String> captionWords = Language.of("en").captions().orElseThrow().words().keySet();
    Set<String> labels = Language.of("en").documents().orElseThrow().labels().keySet();
    for (Language language : Language.all()) {
      assertEquals(10, language.digits().codePointCount(0, language.digits().length()), language.code());
      assertTrue(language.words().size() >= 30, language.code());
      assertEquals(language.words().size(), new HashSet<>(language.words()).size(), language.code() + ": no word twice");
      language
          .captions()
          .ifPresent(
              captions -> {
                assertEquals(captionWords, captions.words().keySet(), language.code());
                assertEquals(Ink.ALL.size(), captions.inks().size(), language.code());
                assertEquals(Ink.ALL.size(), captions.grounds().size(), language.code());
                for (String template : captions.templates()) {
                  assertTrue(List.of("{text}", "{ink}", "{ground}").stream().allMatch(template::contains), template);
                }
              });
      language.documents().ifPresent(documents -> assertEquals(labels, documents.labels().keySet(), language.code()));
      assertTrue(language.documents().isEmpty() || language.sentences().size() >= 10, language.code());
    }
  }

  @Test
  void shouldWriteNumbersAsTheLanguageDoes() {
    assertEquals("12,05 €", Language.of("de").price(1205));
    assertEquals("$12.05", Language.of("en").price(1205));
    assertEquals("¥12", Language.of("ja").price(1205));
    assertEquals("₹१२.०५", Language.of("hi").price(1205));
    assertEquals("٠٩/٠٢/٢٠٢٤", Language.of("ar").date(9, 2, 2024));
    assertEquals("02/09/2024", Language.of("en").date(9, 2, 2024));
    assertEquals("2024年02月09日", Language.of("zh").date(9, 2, 2024));
  }

  @Test
  void shouldDivideSentencesIntoWords() {
    assertEquals(List.of("電車は", "正午に", "駅を", "出ます。"), Language.of("ja").split("電車は|正午に|駅を|出ます。"));
    assertEquals(List.of("Fresh", "bread."), Language.of("en").split("Fresh bread."));
  }

  @Test
  void shouldRefuseLanguagesThatItDoesNotWrite() {
    String message = assertThrows(UserException.class, () -> Language.of("xx")).getMessage();
    assertTrue(message.contains("language xx") && message.contains("en, de"), message);
  }
}
