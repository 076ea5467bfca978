package kiln.bench.collectives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import kiln.collectives.mpi.OpenMpiInstallation;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class CollectivesCommandTest {
  /** What it prints. */
  private static String run(String... arguments) {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      assertEquals(0, new CommandLine(new CollectivesCommand()).execute(arguments));
    } finally {
      System.setOut(before);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }

  private static boolean hasLine(String output, long bytes, String side) {
    return output.lines().anyMatch(line -> line.strip().startsWith(bytes + "  " + side + " "));
  }

  @Test
  void shouldMeasureWhatThisMachineHas() {
    String output = run("--sizes", "8,65536", "--rounds", "1");
    for (long bytes : new long[] {8, 65536}) {
      assertTrue(hasLine(output, bytes, "local f32") && hasLine(output, bytes, "local bf16"), output);
      if (OpenMpiInstallation.find(Map.copyOf(System.getenv())).isPresent()) {
        assertTrue(hasLine(output, bytes, "mpi f32") && hasLine(output, bytes, "mpi bf16"), output);
      } else {
        assertTrue(output.contains("./kiln setup mpi"), output);
      }
      assertTrue(hasLine(output, bytes, "C f32") || output.contains("for want of mpicc"), output);
    }
  }

  @Test
  void shouldRefuseSizesThatNotAllTypesDivide() {
    for (List<String> arguments : List.of(List.of("--sizes", "8,12"), List.of("--ranks", "0"), List.of("--rounds", "0"))) {
      CommandLine command = new CommandLine(new CollectivesCommand());
      StringWriter errors = new StringWriter();
      command.setErr(new PrintWriter(errors, true));
      assertEquals(CommandLine.ExitCode.USAGE, command.execute(arguments.toArray(String[]::new)));
      assertTrue(errors.toString().contains("option " + arguments.getFirst() + ": expected"), errors.toString());
    }
  }
}
