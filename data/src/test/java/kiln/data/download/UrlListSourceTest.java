package kiln.data.download;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import kiln.bindings.UserException;
import kiln.data.parquet.UrlTableOptions;
import kiln.data.source.SkipReport;
import kiln.data.url.UrlRow;
import kiln.data.url.UrlRows;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UrlListSourceTest {
  private static final UrlTableOptions PLAIN =
      new UrlTableOptions("url", Optional.of("text"), Optional.empty(), UrlTableOptions.ALL, List.of());

  private final SkipReport skips = new SkipReport(false);

  @TempDir Path temporary;

  private List<UrlRow> read(String name, String content, UrlTableOptions options) throws IOException {
    Path file = Files.writeString(temporary.resolve(name), content, StandardCharsets.ISO_8859_1);
    List<UrlRow> all = new ArrayList<>();
    try (UrlRows rows = new UrlListSource(Downloads.INPUTS.of(file.toString()), options).open(skips)) {
      rows.forEachRemaining(all::add);
    }
    return all;
  }

  private static String caption(UrlRow row) {
    return new String(row.caption(), StandardCharsets.UTF_8);
  }

  private String reasons() {
    return skips.summary().stream().map(s -> s.count() + " " + s.reason()).collect(Collectors.joining(", "));
  }

  @Test
  void shouldReadAUrlALine() throws IOException {
    List<UrlRow> rows = read("list.txt", "http://a/1\r\n\n  http://a/2  \nhttp://a/3", PLAIN);
    assertEquals(List.of("http://a/1", "http://a/2", "http://a/3"), rows.stream().map(UrlRow::url).toList());
    assertNull(rows.getFirst().caption());
    assertEquals("{}", rows.getFirst().extra());
    assertTrue(rows.get(1).origin().endsWith("list.txt:3"), rows.get(1).origin());
  }

  @Test
  void shouldReadJsonLines() throws IOException {
    String lines =
        """
        {"url":"http://a/1","text":"one","n":1,"tags":["x"]}
        not json
        [1]
        {"text":"no url"}
        {"url":"http://a/2"}
        {"url":"http://a/3","text":"broken \u00ff"}
        {"url":"http://a/4","text":"four","n":null}
        """;
    List<UrlRow> rows = read("list.jsonl", lines, PLAIN);
    assertEquals(List.of("http://a/1", "http://a/4"), rows.stream().map(UrlRow::url).toList());
    assertEquals("{\"n\":1,\"tags\":[\"x\"]}", rows.getFirst().extra());
    assertEquals("one", caption(rows.getFirst()));
    assertEquals("3 invalid JSON, 1 row without URL, 1 row without caption", reasons());
  }

  @Test
  void shouldReadTablesWithHeader() throws IOException {
    String table = "id,url,text\n7,http://a/1,\"one, \"\"two\"\"\nthree\"\n8,,none\n9,http://a/2,zwei\n";
    List<UrlRow> rows = read("table.csv", table, PLAIN);
    assertEquals("one, \"two\"\nthree", caption(rows.getFirst()));
    assertEquals("{\"id\":\"7\"}", rows.getFirst().extra());
    assertEquals("http://a/2", rows.get(1).url());
    assertEquals("1 row without URL", reasons());
    assertEquals("http://a/1", read("table.tsv", "url\ttext\nhttp://a/1\tone\n", PLAIN).getFirst().url());
  }

  @Test
  void shouldReadCompressedLists() throws IOException {
    Path file = temporary.resolve("list.txt.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write("http://a/1\nhttp://a/2\n".getBytes(StandardCharsets.US_ASCII));
    }
    try (UrlRows rows = new UrlListSource(Downloads.INPUTS.of(file.toString()), PLAIN).open(skips)) {
      assertEquals("http://a/1", rows.next().url());
      assertEquals("http://a/2", rows.next().url());
    }
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 9));
    try (UrlRows rows = new UrlListSource(Downloads.INPUTS.of(file.toString()), PLAIN).open(skips)) {
      rows.forEachRemaining(_ -> {});
    }
    assertEquals("1 damaged file", reasons());
  }

  @Test
  void shouldCountTheRestOfATableThatDoesNotParse() throws IOException {
    List<UrlRow> rows = read("table.csv", "url,text\nhttp://a/1,one\nhttp://a/2,two,three,four\nhttp://a/3,x\n", PLAIN);
    assertEquals(1, rows.size());
    assertEquals("1 invalid CSV", reasons());
  }

  @Test
  void shouldRefuseTablesWithoutTheColumn() {
    UserException e = assertThrows(UserException.class, () -> read("table.csv", "URL,text\nhttp://a/1,one\n", PLAIN));
    assertTrue(e.getMessage().endsWith("expected a column url, found URL, text"), e.getMessage());
    assertThrows(UserException.class, () -> read("table.xml", "<a/>", PLAIN));
  }

  @Test
  void shouldCountFilesThatCannotBeHad() {
    UrlListSource missing = new UrlListSource(Downloads.INPUTS.of(temporary.resolve("none.txt").toString()), PLAIN);
    try (UrlRows rows = missing.open(skips)) {
      assertFalse(rows.hasNext());
    }
    assertEquals("1 not found", reasons());
  }

  @Test
  void shouldLeaveOutWhatLimitsSay() throws IOException {
    String lines =
        """
        {"URL":"http://a/1","TEXT":"a","hash":11,"pwatermark":0.1,"punsafe":0.2}
        {"URL":"http://a/2","TEXT":"b","hash":12,"pwatermark":0.6,"punsafe":0.2}
        {"URL":"http://a/3","TEXT":"c","hash":13,"pwatermark":0.1,"punsafe":1.0}
        {"URL":"http://a/4","TEXT":"d","hash":14,"pwatermark":null,"punsafe":0.2}
        """;
    List<UrlRow> rows = read("laion.jsonl", lines, UrlTableOptions.laion());
    assertEquals(List.of("11"), rows.stream().map(UrlRow::key).toList());
    assertEquals("1 pwatermark not below 0.6, 1 punsafe not below 1.0, 1 no pwatermark", reasons());
  }

  @Test
  void shouldTakeNoMemoryForEndlessLines() throws IOException {
    String endless = "{\"url\":\"" + "x".repeat(ListFormat.LONGEST_LINE + 5) + "\"}\n{\"url\":\"http://a/1\",\"text\":\"one\"}\n";
    assertEquals(1, read("list.jsonl", endless, PLAIN).size());
    assertEquals("1 line too long", reasons());
  }
}
