package kiln.bench.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ChaosCommandTest {
  @TempDir Path folder;

  @Test
  void shouldRefuseOptionsThatMakeNoSense() {
    for (List<String> arguments : List.of(List.of("--kills", "0"), List.of("--times", "0"), List.of("--faults", "flood"))) {
      CommandLine command = new CommandLine(new ChaosCommand());
      StringWriter errors = new StringWriter();
      command.setErr(new PrintWriter(errors, true));
      assertEquals(CommandLine.ExitCode.USAGE, command.execute(arguments.toArray(String[]::new)));
      assertTrue(errors.toString().contains(arguments.getFirst()), errors.toString());
    }
  }

  @Test
  void shouldKillRanksAndSupervisorAtInstantsAndInsideSaves() {
    RandomGenerator random = new SplittableRandom(1);
    List<Kill> kills = Stream.generate(() -> Kill.draw(random)).limit(1000).toList();
    for (int rank = Kill.SUPERVISOR; rank < RunCase.RANKS; rank++) {
      for (boolean inside : new boolean[] {true, false}) {
        int wanted = rank;
        assertTrue(kills.stream().filter(kill -> kill.rank() == wanted && kill.insideSave() > 0 == inside).count() > 20);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldDamageOneFile(Damage damage) throws IOException {
    byte[] weights = new byte[100];
    weights[0] = 40; // a header of 40 bytes
    Files.write(folder.resolve("model.safetensors"), weights);
    for (String name : List.of("training.json", "manifest.json", "config.json")) {
      Files.writeString(folder.resolve(name), name);
    }
    Path file = damage.spoilOne(folder, new SplittableRandom(2));
    for (String name : List.of("training.json", "manifest.json", "config.json", "model.safetensors")) {
      Path path = folder.resolve(name);
      byte[] whole = name.endsWith(".json") ? name.getBytes(StandardCharsets.UTF_8) : weights;
      boolean intact = Files.exists(path) && Arrays.equals(whole, Files.readAllBytes(path));
      assertEquals(!path.equals(file), intact, name);
    }
  }

  @Test
  void shouldReportWhatWasNotSurvived() {
    ChaosTable table = new ChaosTable();
    Tally tally = new Tally("flood");
    tally.injected(3);
    tally.survived(3);
    tally.lost(5);
    tally.lost(4);
    table.add(tally);
    table.add(Tally.skipped("drought", "no root"));
    assertTrue(table.isClean());
    tally.injected(1);
    tally.failed("it drowned");
    assertFalse(table.isClean());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    table.print(new PrintStream(out, true, StandardCharsets.UTF_8));
    String printed = out.toString(StandardCharsets.UTF_8);
    assertTrue(printed.contains("| flood | 4 | 3 | 5 | 0 |  |"), printed);
    assertTrue(printed.contains("| drought | 0 | 0 | 0 | 0 | not tried: no root |"), printed);
    assertTrue(printed.contains("not survived: it drowned"), printed);
    Path file = folder.resolve("table.json");
    table.write(file, 42);
    JsonNode json = JsonMapper.builder().build().readTree(file);
    assertEquals(42, json.path("seed").intValue());
    assertEquals(5, json.path("faults").path(0).path("lost_steps").intValue());
    assertNotEquals(0, json.path("faults").path(0).path("failures").size());
  }
}
