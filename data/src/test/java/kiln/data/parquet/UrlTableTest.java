package kiln.data.parquet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import kiln.bindings.UserException;
import kiln.data.input.InputOptions;
import kiln.data.input.Inputs;
import kiln.data.queue.Manifest;
import kiln.data.source.SkipReport;
import kiln.data.url.UrlRow;
import kiln.data.url.UrlRows;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UrlTableTest {
  private static final String LAION = "src/test/resources/parquet/laion.parquet";

  private final Inputs inputs = new Inputs(InputOptions.standard());

  @AfterEach
  void close() {
    inputs.close();
  }

  private UrlTable table(UrlTableOptions options) {
    return new UrlTable(TableFiles.of(List.of(LAION), inputs), options);
  }

  private static List<UrlRow> read(UrlTable table, SkipReport skips) {
    List<UrlRow> rows = new ArrayList<>();
    try (UrlRows all = table.open(skips)) {
      all.forEachRemaining(rows::add);
    }
    return rows;
  }

  private static Map<String, Long> counts(SkipReport skips) {
    return skips.summary().stream().collect(Collectors.toMap(Manifest.Skipped::reason, Manifest.Skipped::count));
  }

  @Test
  void shouldFilterAsLaionIsMeantToBe() {
    UrlTable table = table(UrlTableOptions.laion());
    assertEquals(7, table.count().orElseThrow());
    SkipReport skips = new SkipReport(false);
    List<UrlRow> rows = read(table, skips);
    assertEquals(1, rows.size());
    UrlRow row = rows.getFirst();
    assertEquals("https://example.org/0.jpg", row.url());
    assertEquals("-5", row.key());
    assertEquals("one", new String(row.caption(), StandardCharsets.UTF_8));
    assertEquals("{\"WIDTH\":100}", row.extra());
    assertEquals(LAION + ": row 0", row.origin());
    assertEquals(
        Map.of(
            "pwatermark not below 0.6", 1L,
            "punsafe not below 1.0", 1L,
            "no pwatermark", 1L,
            "no punsafe", 1L,
            "row without caption", 1L,
            "row without URL", 1L),
        counts(skips));
  }

  @Test
  void shouldTakeOtherColumnsAndLimits() {
    UrlTableOptions options =
        new UrlTableOptions(
            "URL",
            Optional.empty(),
            Optional.empty(),
            List.of(),
            List.of(new UrlTableOptions.Limit("WIDTH", 105)));
    SkipReport skips = new SkipReport(true);
    List<UrlRow> rows = read(table(options), skips);
    assertEquals(5, rows.size());
    assertNull(rows.getLast().caption());
    assertEquals("laion.parquet#4", rows.getLast().key());
    assertEquals("{}", rows.getLast().extra());
    assertEquals(Map.of("WIDTH not below 105.0", 2L), counts(skips));
  }

  @Test
  void shouldNotTakeWhatLimitsLeaveOutForAnError() {
    UserException e =
        assertThrows(UserException.class, () -> read(table(UrlTableOptions.laion()), new SkipReport(true)));
    assertEquals(LAION + ": row 4: has no caption", e.getMessage());
  }

  @Test
  void shouldRefuseLimitsOnColumnsThatAreNoNumbersOrNotThere() {
    for (String column : List.of("TEXT", "aesthetic")) {
      UrlTableOptions options =
          new UrlTableOptions(
              "URL", Optional.empty(), Optional.empty(), List.of(), List.of(new UrlTableOptions.Limit(column, 1)));
      String message = assertThrows(UserException.class, () -> table(options)).getMessage();
      assertTrue(message.contains("column " + column), message);
    }
  }
}
