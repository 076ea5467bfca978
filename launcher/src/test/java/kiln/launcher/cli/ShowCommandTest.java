package kiln.launcher.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.TinyRuns;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ShowCommandTest {
  @TempDir Path temporary;

  private static Outcome show(String... more) {
    List<String> command = new ArrayList<>(List.of("data", "show", TinyRuns.data().toString()));
    command.addAll(List.of(more));
    return KilnProcess.runHere(command.toArray(String[]::new));
  }

  @Test
  void shouldPrintTables() {
    String said = show().assertOk().out();
    assertTrue(said.contains("BUCKETS OF TRAIN"), said);
    assertTrue(said.lines().anyMatch(line -> line.matches("32x32 +32 +64 +100\\.0 % +0 +8 +\\d+\\.\\d % +\\d+")), said);
    assertTrue(said.lines().anyMatch(line -> line.matches("train +64 +0 +8 +[\\d,]+")), said);
    assertTrue(said.lines().anyMatch(line -> line.matches("Latin +\\d+ +\\d+\\.\\d % +[\\d,]+")), said);
    assertTrue(said.contains("trainingFonts"), said);
  }

  @Test
  void shouldPrintOneJsonObject() {
    JsonNode object = JsonMapper.builder().build().readTree(show("--json", "--split", "validation").assertOk().out());
    assertEquals("typography", object.path("source").asString());
    assertEquals(16, object.path("statistics").path("samples").asInt());
    assertEquals("validation", object.path("statistics").path("split").asString());
    JsonNode bucket = object.path("statistics").path("buckets").path(0);
    assertEquals(32, bucket.path("caption_length").asInt());
    double padding = 1 - bucket.path("tokens").asDouble() / (16 * 32);
    assertEquals(padding, bucket.path("padding").asDouble(), 1e-12);
    assertEquals(64, object.path("splits").path("train").path("samples").asInt());
    assertEquals(16, object.path("statistics").path("captions").path("bytes").path("count").asInt());
  }

  @Test
  void shouldWriteSamePageForSameSeed() throws IOException {
    Path first = temporary.resolve("new/folder/first.html");
    Path second = temporary.resolve("second.html");
    String said = show("--html", first.toString(), "--samples", "5", "--seed", "1").assertOk().out();
    assertEquals(first + ": 5 of 64 samples\n", said);
    show("--html", second.toString(), "--samples", "5", "--seed", "1").assertOk();
    String page = Files.readString(first);
    assertEquals(page, Files.readString(second));
    assertEquals(5, page.split("<figure class=\"sample\">", -1).length - 1);
    assertFalse(page.contains("<script"), page);
    show("--html", second.toString(), "--samples", "5", "--seed", "2").assertOk();
    assertFalse(page.equals(Files.readString(second)));
    try (var left = Files.list(temporary)) {
      assertEquals(2, left.count());
    }
  }

  @Test
  void shouldWritePageWithoutSamplesAndWithAllOfThem() throws IOException {
    Path page = temporary.resolve("page.html");
    show("--html", page.toString(), "--samples", "0").assertOk();
    assertFalse(Files.readString(page).contains("<figure"));
    assertEquals(page + ": 64 of 64 samples\n", show("--html", page.toString(), "--samples", "100").assertOk().out());
  }

  @Test
  void shouldRefuseWhatItCannotDo() {
    show("--samples", "-1").assertRefused(ExitStatus.USER_ERROR, "--samples -1", "expected 0 to 2000");
    show("--samples", "2001").assertRefused(ExitStatus.USER_ERROR, "--samples 2001");
    show("--split", "test").assertRefused(ExitStatus.USAGE, "--split", "TRAIN, VALIDATION", "test");
    show("--picture-bytes", "many").assertRefused(ExitStatus.USAGE, "--picture-bytes", "many");
    show("--html", temporary.toString()).assertRefused(ExitStatus.USER_ERROR, temporary.toString(), "cannot be written");
    KilnProcess.runHere("data", "show", temporary.resolve("nowhere").toString())
        .assertRefused(ExitStatus.USER_ERROR, "nowhere", "no such data folder");
  }
}
