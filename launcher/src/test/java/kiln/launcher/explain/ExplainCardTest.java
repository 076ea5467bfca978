package kiln.launcher.explain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.backend.DeviceRoom;
import kiln.launcher.backend.GpuCard;
import kiln.launcher.preset.Precision;
import kiln.launcher.ranks.ExitStatus;
import kiln.model.graph.DType;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A run that is planned for a GPU which is not here. */
class ExplainCardTest {
  /** Large enough that some thousand samples do not fit. */
  private static final String NETWORK = "sd21-vae";

  private static Outcome explain(String... options) {
    List<String> command = new ArrayList<>(List.of("explain"));
    command.addAll(List.of(options));
    return KilnProcess.runHere(command.toArray(String[]::new));
  }

  private static JsonNode tiny(String... options) {
    List<String> command = new ArrayList<>(List.of("--preset", "tiny", "--size", "32", "--json"));
    command.addAll(List.of(options));
    return JsonMapper.shared().readTree(explain(command.toArray(String[]::new)).assertOk().out());
  }

  @Test
  void shouldCountWithTheDataSheetsNumbers() {
    JsonNode bf16 = tiny("--card", "h200", "--precision", "bf16");
    assertEquals(989.5e12, bf16.get("peak_flops").doubleValue());
    assertEquals(4.8e12, bf16.get("peak_bytes").doubleValue());
    assertTrue(bf16.get("peaks_from").asString().contains("data sheet, without sparsity"), bf16::toString);
    assertEquals(67e12, MachinePeaks.of(GpuCard.H200, DType.F32).flops());
    JsonNode given = tiny("--card", "a100", "--peak-copy", "100");
    assertEquals(100e9, given.get("peak_bytes").doubleValue());
    assertEquals(19.5e12, given.get("peak_flops").doubleValue());
    double seconds =
        StreamSupport.stream(bf16.get("kinds").spliterator(), false).mapToDouble(kind -> kind.get("seconds").doubleValue()).sum();
    assertEquals(seconds, bf16.get("run_seconds").doubleValue(), 1e-12);
  }

  @Test
  void shouldFindTheLargestBatchThatFits() {
    Shapes shapes = new Shapes(null, null, null, null, Precision.FLOAT32, null, false);
    Planner planner = Planner.ofAbsentDevice(DType.F32);
    long bytes = 40_000_000_000L;
    CardFit card = CardFit.of(NETWORK, List.of(), shapes, planner, "a card", bytes);
    int largest = card.largestBatch();
    assertTrue(largest >= 1 && largest < CardFit.MOST, card::toString);
    assertEquals(DeviceRoom.CONTEXT + DeviceRoom.LIBRARIES, card.setAside());
    long room = bytes - card.setAside();
    assertTrue(memory(shapes.withBatch(largest), planner) <= room, () -> largest + " should fit");
    assertTrue(memory(shapes.withBatch(largest + 1), planner) > room, () -> largest + 1 + " should not fit");
  }

  private static long memory(Shapes shapes, Planner planner) {
    return Explanation.memoryBytes(Subjects.of(NETWORK, List.of(), shapes, planner));
  }

  @Test
  void shouldSayWhatTheNumbersAreWorth() {
    String out = explain("--preset", NETWORK, "--card", "l40s", "--batch", "8").assertOk().out();
    assertTrue(out.contains("(NVIDIA L40S, by NVIDIA's data sheet, without sparsity)"), out);
    assertTrue(out.contains("NVIDIA L40S of 48.000 GB: does not fit, "), out);
    assertTrue(out.contains("planned with the kernels of cpu, for there is no such GPU here"), out);
    assertTrue(out.lines().anyMatch(line -> line.matches("largest micro-batch that fits: [1-7]")), out);
  }

  @Test
  void shouldRefuseMoreThanKernelsCount() {
    explain("--preset", NETWORK, "--card", "l40s", "--batch", "300000")
        .assertRefused(ExitStatus.USER_ERROR, "option --batch: expected fewer or smaller samples");
  }

  @Test
  void shouldRefuseCardsThatItDoesNotKnow() {
    explain("--preset", "tiny", "--card", "h300").assertRefused(ExitStatus.USER_ERROR, "option --card: unknown GPU h300; near: ", "h200");
    explain("--preset", "tiny", "--card", "h200", "--backend", "cpu")
        .assertRefused(ExitStatus.USER_ERROR, "option --card: expected no backend but cuda", "found --backend cpu");
    explain("--preset", "tiny", "--card", "h200", "--device", "0")
        .assertRefused(ExitStatus.USER_ERROR, "option --card: ", "found --device 0");
  }
}
