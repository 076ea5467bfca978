package kiln.launcher.show;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kiln.launcher.KilnProcess;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page as users see it: opened in a real browser. */
class PageInBrowserTest {
  @TempDir Path temporary;
  private Chromium browser;
  private Path page;

  @BeforeEach
  void findBrowser() throws IOException {
    browser = Chromium.require(Files.createDirectory(temporary.resolve("profile")));
    page = temporary.resolve("page.html");
  }

  private Viewed show(Path data, String... more) throws IOException {
    List<String> command = new ArrayList<>(List.of("data", "show", data.toString(), "--html", page.toString()));
    command.addAll(List.of(more));
    KilnProcess.runHere(command.toArray(String[]::new)).assertOk();
    return Viewed.of(page, browser);
  }

  @Test
  void shouldShowTypography() throws IOException {
    Path data = temporary.resolve("data");
    KilnProcess.runHere(
            "data", "typography", "--out", data.toString(), "--count", "120", "--validation-count", "8", "--block-size", "8",
            "--size", "32x32,32x64", "--caption-length", "32,64,128")
        .assertOk();
    Viewed viewed = show(data, "--samples", "24");
    assertEquals(data.toString(), viewed.found().path("title").asString());
    assertEquals(24, viewed.number("samples"));
    assertEquals(24, viewed.number("images"));
    assertEquals(0, viewed.number("undecoded"));
    assertTrue(viewed.number("boxes") > 48, viewed.found()::toString); // one around all, and one or more characters
    assertEquals(0, viewed.number("outside"));
    assertEquals(0, viewed.number("flat"));
    assertEquals(2, viewed.number("switches"));
    assertTrue(viewed.number("shownBefore") > 0);
    assertEquals(0, viewed.number("shownAfter"));
    assertTrue(viewed.number("bars") > 10);
    assertFalse(viewed.found().path("wider").asBoolean());
    assertTrue(
        viewed.texts("sections").containsAll(List.of("splits", "buckets", "sizes", "bytes", "scripts", "findings", "samples")));
    viewed.texts("captions").forEach(caption -> assertTrue(caption.matches(".*\".+\".*"), caption));
    assertAlone(viewed);
  }

  @Test
  void shouldShowHostileTextAsText() throws IOException {
    String attack = "<script>attacked=1</script><img src=/else onerror=\"attacked=1\">'\"></p></figure><svg/onload=attacked=1>&amp;";
    byte[] notUtf8 = {'a', (byte) 0xff, '<', 'b', '>', (byte) 0xc3};
    String name = "</title></style><script>attacked=1</script>";
    Path data =
        new Captioned(temporary.resolve("data"))
            .add(attack, "{\"words\": [{\"text\": \"</title><script>attacked=1</script>\", \"box\": [0, 0, 4, 4]}]}")
            .add("two\nlines \u2028\u202Etxt\0", "</pre></details><script>attacked=1</script>")
            .add("مرحبا بالعالم", "{\"language\": \"" + attack.replace("\"", "\\\"") + "\"}")
            .add(notUtf8, "{\"half\": \"\\ud800\"}")
            .add("x".repeat(1_000_000), "{\"" + name + "\": 1}")
            .fill()
            .build(name);
    Viewed viewed = show(data, "--samples", "256");
    assertEquals(256, viewed.number("samples"));
    assertEquals(1, viewed.number("boxes"));
    List<String> captions = viewed.texts("captions");
    assertTrue(captions.contains(attack), captions::toString);
    assertTrue(captions.contains("two\\n\nlines \\u{2028}\\u{202E}txt\\u{0000}"), captions::toString);
    assertTrue(captions.contains("a\\xFF<b>\\xC3"), captions::toString);
    assertTrue(captions.contains("x".repeat(2_000) + "… and 998,000 more bytes"));
    assertEquals("rtl", viewed.texts("directions").get(captions.indexOf("مرحبا بالعالم")));
    assertEquals("ltr", viewed.texts("directions").get(captions.indexOf(attack)));
    assertTrue(viewed.texts("sections").containsAll(List.of("languages", "skipped", "waste", "notes")));
    assertTrue(viewed.texts("truths").contains("</pre></details><script>attacked=1</script>"));
    assertTrue(viewed.texts("truths").contains("{\"half\":\"\\u{D800}\"}"), viewed.texts("truths")::toString);
    assertFalse(viewed.found().path("wider").asBoolean());
    assertAlone(viewed);
  }

  /** Nothing but the page itself was asked for, and nothing of it runs. */
  private static void assertAlone(Viewed viewed) {
    assertEquals(List.of("/check", "/page"), viewed.requests());
    assertEquals(List.of(), viewed.texts("requests"));
    assertEquals(0, viewed.number("scripts"));
    assertEquals(0, viewed.number("handlers"));
    assertEquals(0, viewed.number("frames"));
    assertFalse(viewed.found().path("attacked").asBoolean());
  }

  /** That the checks above can fail. */
  @Test
  void shouldNoticeWhatNoPageMayDo() throws IOException {
    Files.writeString(
        page,
        """
        <!doctype html><title>bad</title>
        <div class="sample"><img src="/else" width="10" height="10" onclick="attacked=2">
        <svg width="90" height="90"><polygon points="50,50 80,50 80,80"/></svg></div>
        <script>attacked = 1</script><div style="width: 5000px">wide</div>
        """,
        StandardCharsets.UTF_8);
    Viewed viewed = Viewed.of(page, browser);
    assertEquals(List.of("/check", "/page", "/else"), viewed.requests());
    assertEquals(1, viewed.texts("requests").size());
    assertEquals(1, viewed.number("undecoded"));
    assertEquals(1, viewed.number("outside"));
    assertEquals(1, viewed.number("scripts"));
    assertEquals(1, viewed.number("handlers"));
    assertTrue(viewed.found().path("attacked").asBoolean());
    assertTrue(viewed.found().path("wider").asBoolean());
  }

  /** That the page's policy holds even if its text were to break out. */
  @Test
  void shouldForbidWhatItDoesNotContain() throws IOException {
    show(new Captioned(temporary.resolve("data")).add("text", "{}").build("test"));
    String broken =
        Files.readString(page).replace("<p class=\"meta\">", "<script>attacked = 1</script><img src=\"/else\"><p class=\"meta\">");
    Files.writeString(page, broken);
    Viewed viewed = Viewed.of(page, browser);
    assertEquals(1, viewed.number("scripts"));
    assertFalse(viewed.found().path("attacked").asBoolean());
    assertEquals(List.of("/check", "/page"), viewed.requests());
  }
}
