package kiln.data.documents;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import kiln.bindings.UserException;
import kiln.data.BucketTable;
import kiln.data.Sample;
import kiln.data.queue.Split;
import kiln.data.source.UnusableException;
import kiln.data.typeset.Boxes;
import kiln.data.typeset.TestFonts;
import kiln.data.typography.TypographyTruth.Box;
import org.junit.jupiter.api.Test;

class DocumentSourceTest {
  private static final BucketTable PAGES = new BucketTable(List.of(new BucketTable.Size(256, 192)), List.of(128, 512));

  private static DocumentOptions options(
      List<DocumentKind> kinds, List<String> languages, DocumentOptions.Caption caption, double worn) {
    return new DocumentOptions(PAGES, 1000, 100, 5, kinds, languages, caption, worn, Optional.empty());
  }

  private static DocumentSource source(List<DocumentKind> kinds, List<String> languages, double worn) {
    return new DocumentSource(
        options(kinds, languages, DocumentOptions.Caption.TEXT, worn), TestFonts.of(languages));
  }

  private static void leaves(Object value, List<String> to) {
    switch (value) {
      case Map<?, ?> map -> map.values().forEach(inner -> leaves(inner, to));
      case List<?> list -> list.forEach(inner -> leaves(inner, to));
      default -> to.add((String) value);
    }
  }

  private static boolean contains(Box box, int x, int y) {
    return x >= box.x() && x < box.x() + box.width() && y >= box.y() && y < box.y() + box.height();
  }

  @Test
  void shouldDrawEveryFieldOfEveryKindInEveryLanguage() throws Exception {
    for (String language : DocumentOptions.allLanguages()) {
      for (DocumentKind kind : DocumentKind.values()) {
        DocumentTruth truth =
            source(List.of(kind), List.of(language), 0).document(Split.TRAIN, 0).truth(DocumentOptions.Caption.TEXT);
        assertEquals(List.of(kind.word()), List.copyOf(truth.parse().keySet()));
        assertEquals(language, truth.language());
        List<String> values = new ArrayList<>();
        leaves(truth.parse(), values);
        assertTrue(values.size() >= 3, truth.text());
        String page = truth.text().replaceAll("\\s", "");
        int from = 0;
        for (String value : values) {
          int at = page.indexOf(value.replaceAll("\\s", ""), from);
          assertTrue(at >= 0, language + " " + kind + ": " + value + " comes in its place in " + truth.text());
          from = at;
        }
      }
    }
  }

  @Test
  @SuppressWarnings("unchecked")
  void shouldAddUpInvoices() throws Exception {
    DocumentSource source = source(List.of(DocumentKind.INVOICE), List.of("en"), 0);
    for (int i = 0; i < 5; i++) {
      Map<String, Object> invoice =
          (Map<String, Object>)
              source.document(Split.TRAIN, i).truth(DocumentOptions.Caption.TEXT).parse().get("invoice");
      long sum = 0;
      for (Map<String, String> item : (List<Map<String, String>>) invoice.get("items")) {
        assertEquals(hundredths(item.get("amount")), Integer.parseInt(item.get("quantity")) * hundredths(item.get("price")));
        sum += hundredths(item.get("amount"));
      }
      assertEquals(sum, hundredths((String) invoice.get("subtotal")));
      assertEquals(
          hundredths((String) invoice.get("total")), sum + hundredths((String) invoice.get("tax")), invoice.toString());
    }
  }

  private static long hundredths(String amount) {
    return Long.parseLong(amount.replaceAll("[$.]", ""));
  }

  @Test
  void shouldKeepAllInkOfTextInsideBoxesOfWordsAndWordsInLines() throws Exception {
    for (double worn : new double[] {0, 1}) {
      DocumentSource source = source(List.of(DocumentKind.values()), List.of("en", "ar", "hi"), worn);
      for (int i = 0; i < 10; i++) {
        Document document = source.document(Split.TRAIN, i);
        Document sharp =
            new Document(
                document.size(),
                document.kind(),
                document.page(),
                document.setting(),
                document.parse(),
                document.ink(),
                new Scan(document.scan().skew(), document.scan().paper(), 0, false, 0, false, 0));
        DocumentTruth truth = sharp.truth(DocumentOptions.Caption.TEXT);
        int[] with = sharp.paint();
        int[] without = sharp.paint(false);
        int ink = 0;
        for (int at = 0; at < with.length; at++) {
          if (with[at] != without[at]) {
            int x = at % 192;
            int y = at / 192;
            ink++;
            assertTrue(truth.words().stream().anyMatch(word -> contains(word.box(), x, y)), "document " + i + " " + x + " " + y);
            assertTrue(truth.lines().stream().anyMatch(line -> contains(line.box(), x, y)), "document " + i);
          }
        }
        assertTrue(ink > 100, "document " + i + " ink=" + ink);
        for (Boxes.Mark word : truth.words()) {
          assertTrue(
              IntStream.range(0, with.length)
                  .anyMatch(at -> with[at] != without[at] && contains(word.box(), at % 192, at / 192)),
              "document " + i + ": ink in the box of " + word.text());
          assertEquals(worn > 0 && document.scan().skew() != 0, word.quad() != null);
        }
        assertEquals(
            truth.text().replaceAll("\\s", ""), String.join("", truth.words().stream().map(Boxes.Mark::text).toList()));
        assertEquals(truth.text(), String.join("\n", truth.lines().stream().map(Boxes.Mark::text).toList()));
      }
    }
  }

  @Test
  void shouldReadFromTopToBottom() throws Exception {
    DocumentSource source = source(List.of(DocumentKind.values()), List.of("en", "de"), 0);
    for (int i = 0; i < 10; i++) {
      DocumentTruth truth = source.document(Split.TRAIN, i).truth(DocumentOptions.Caption.TEXT);
      for (int l = 1; l < truth.lines().size(); l++) {
        Box above = truth.lines().get(l - 1).box();
        Box below = truth.lines().get(l).box();
        assertTrue(above.y() + above.height() / 2 < below.y() + below.height() / 2, truth.text());
      }
    }
  }

  @Test
  void shouldCaptionWithWholeLinesOrATask() throws Exception {
    List<DocumentKind> kinds = List.of(DocumentKind.LETTER);
    DocumentSource text = source(kinds, List.of("en"), 1);
    for (int i = 0; i < 10; i++) {
      Sample sample = text.sample(Split.TRAIN, i);
      DocumentTruth truth = DocumentTruth.parse(new String(sample.truth(), StandardCharsets.UTF_8));
      String caption = new String(sample.caption(), StandardCharsets.UTF_8);
      assertEquals("text", truth.caption());
      assertTrue(sample.caption().length < 512);
      assertTrue((truth.text() + "\n").startsWith(caption + "\n"), caption);
    }
    DocumentSource prompt =
        new DocumentSource(
            options(kinds, List.of("en"), DocumentOptions.Caption.PROMPT, 0), TestFonts.of(List.of("en")));
    assertEquals("<kiln> read the letter", new String(prompt.sample(Split.TRAIN, 0).caption(), StandardCharsets.UTF_8));
    assertEquals("one", DocumentSource.lines("one\ntwo", 6));
    assertEquals("one\ntwo", DocumentSource.lines("one\ntwo", 7));
    assertEquals("ää", DocumentSource.lines("äää", 5));
  }

  @Test
  void shouldBePureFunctionOfSeedAndIndexOnAnyThread() throws Exception {
    DocumentSource a = source(List.of(DocumentKind.values()), List.of("en", "ar"), 0.7);
    DocumentSource b = source(List.of(DocumentKind.values()), List.of("en", "ar"), 0.7);
    List<int[]> together =
        IntStream.range(0, 12)
            .parallel()
            .mapToObj(
                i -> {
                  try {
                    return a.document(Split.TRAIN, i).paint();
                  } catch (UnusableException e) {
                    throw new AssertionError(e);
                  }
                })
            .toList();
    for (int i = 11; i >= 0; i--) {
      assertArrayEquals(together.get(i), b.document(Split.TRAIN, i).paint(), "document " + i);
    }
  }

  @Test
  void shouldRefuseOptionsOutOfRange() {
    assertThrows(UserException.class, () -> options(List.of(), List.of("en"), DocumentOptions.Caption.TEXT, 0));
    assertThrows(UserException.class, () -> options(List.of(DocumentKind.FORM), List.of("th"), DocumentOptions.Caption.TEXT, 0));
    assertThrows(UserException.class, () -> options(List.of(DocumentKind.FORM), List.of("en"), DocumentOptions.Caption.TEXT, 2));
    BucketTable small = BucketTable.square(64, 64);
    assertThrows(
        UserException.class,
        () ->
            new DocumentOptions(
                small, 1, 0, 1, List.of(DocumentKind.FORM), List.of("en"), DocumentOptions.Caption.TEXT, 0, Optional.empty()));
  }
}
