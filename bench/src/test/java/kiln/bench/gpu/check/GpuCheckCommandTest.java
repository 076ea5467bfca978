package kiln.bench.gpu.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import kiln.model.Golden;
import kiln.model.weights.SafetensorsFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The checks on the processor, whose kernels are known to be right. */
class GpuCheckCommandTest {
  private static final String GOLDEN = "kiln.golden";

  @TempDir private Path folder;

  /** A run of checks: its status and table, and what check.json says of the first one. */
  private record Run(int status, String table, JsonNode json) {
    JsonNode check() {
      return json.required("checks").get(0);
    }
  }

  private Run run(String... checks) throws IOException {
    PrintStream before = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (PrintStream captured = new PrintStream(out, true, StandardCharsets.UTF_8)) {
      System.setOut(captured);
      CommandLine command = new CommandLine(new GpuCheckCommand());
      String[] arguments = new String[checks.length + 4];
      System.arraycopy(new String[] {"--backend", "cpu", "--out", folder.toString()}, 0, arguments, 0, 4);
      System.arraycopy(checks, 0, arguments, 4, checks.length);
      int status = command.execute(arguments);
      JsonNode json = JsonMapper.shared().readTree(folder.resolve("check.json"));
      return new Run(status, out.toString(StandardCharsets.UTF_8), json);
    } finally {
      System.setOut(before);
    }
  }

  @Test
  void shouldPassWhereValuesAreRight() throws IOException {
    Run run = run("libraries", "operations");
    assertEquals(0, run.status, run.table);
    assertTrue(run.table.contains("All 2 checks passed."), run.table);
    assertTrue(run.json.required("passed").booleanValue());
    JsonNode operations = run.json.required("checks").get(1);
    assertTrue(operations.required("cases").size() > 40, run.table);
    double share = operations.required("worst").required("difference").doubleValue();
    assertTrue(share > 0 && share <= operations.required("worst").required("bound").doubleValue(), run.table);
  }

  @Test
  void shouldCompareTrainingByTwoRanksWithThatByOne() throws IOException {
    Run run = run("ranks");
    assertEquals(0, run.status, run.table);
    assertTrue(run.check().required("cases").get(0).required("comparisons").intValue() >= 4, run.table);
    assertTrue(run.check().required("worst").required("bound").doubleValue() > 0, run.table);
  }

  @Test
  void shouldFailWithNumbersWhereAValueIsBeyondItsBound() throws IOException {
    Path golden = folder.resolve("golden");
    Files.createDirectories(golden.resolve("ops"));
    for (String file : new String[] {"tolerances.json", "ops/ops.json", "ops/ops.safetensors"}) {
      Files.copy(Golden.path(file), golden.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }
    spoil(golden.resolve("ops/ops.safetensors"), "layer_norm.out");
    String before = System.getProperty(GOLDEN);
    System.setProperty(GOLDEN, golden.toString());
    try {
      Run run = run("operations");
      assertEquals(1, run.status, run.table);
      assertTrue(run.table.contains("operations  FAILED") && run.table.contains("1 of 1 checks FAILED."), run.table);
      assertTrue(run.table.contains("ops.layer_norm out: |a-b|="), run.table);
      JsonNode worst = run.check().required("worst");
      assertTrue(worst.required("difference").doubleValue() > worst.required("bound").doubleValue(), run.table);
    } finally {
      if (before == null) {
        System.clearProperty(GOLDEN);
      } else {
        System.setProperty(GOLDEN, before);
      }
    }
  }

  /** Makes the first element of a tensor a little larger, by a thousandth of 1. */
  private static void spoil(Path file, String tensor) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int at;
    try (SafetensorsFile before = SafetensorsFile.open(file)) {
      at = find(bytes, before.segment(tensor).toArray(ValueLayout.JAVA_BYTE));
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putFloat(at, buffer.getFloat(at) + 1e-3f);
    Files.write(file, bytes);
  }

  private static int find(byte[] bytes, byte... content) {
    for (int at = 0; at <= bytes.length - content.length; at++) {
      if (Arrays.equals(bytes, at, at + content.length, content, 0, content.length)) {
        return at;
      }
    }
    throw new AssertionError("not found");
  }
}
