package kiln.bench.typography;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class TypographyCommandTest {
  private static String run(String... arguments) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      assertEquals(0, new CommandLine(new TypographyCommand()).execute(arguments));
    } finally {
      System.setOut(before);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void shouldMeasureEveryLayoutThatTheLanguagesHaveAndEveryKind() {
    String said = run("--sides", "192", "--seconds", "0.02", "--languages", "en");
    for (String what : new String[] {"scenes, word", "scenes, lines", "scenes, curve", "scenes, all", "documents, invoice"}) {
      assertTrue(said.contains(what), said);
    }
    assertTrue(!said.contains("vertical"), said);
    said.lines().filter(line -> line.endsWith("images/s")).forEach(line -> assertTrue(line.matches(".* [1-9][0-9]*\\..*"), line));
  }

  @Test
  void shouldRefuseToMeasureForNoTime() {
    StringWriter said = new StringWriter();
    CommandLine command = new CommandLine(new TypographyCommand()).setErr(new PrintWriter(said));
    assertEquals(2, command.execute("--seconds", "0"));
    assertTrue(said.toString().contains("--seconds"), said.toString());
  }
}
