package kiln.bench.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class ImagesCommandTest {
  @Test
  void shouldMeasureEveryFormatAndSize() {
    PrintStream before = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      CommandLine command = new CommandLine(new ImagesCommand());
      assertEquals(0, command.execute("--count", "2", "--side", "64", "--size", "16,32", "--rounds", "1"));
    } finally {
      System.setOut(before);
    }
    List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
    for (String row : List.of("jpg +16", "jpg +32", "png +16", "png +32")) {
      assertTrue(lines.stream().anyMatch(line -> line.matches(row + " +[1-9][0-9.]*")), row + " in " + lines);
    }
  }
}
