package kiln.bench.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import kiln.bench.step.NamedCase;
import kiln.bench.step.StepCase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Kiln's side, on the driver for tests. */
final class KilnGpuSideTest {
  @BeforeEach
  void skipWithoutDriver() {
    FakeGpuLibraries.assumeBuilt();
  }

  private static GpuSide run(GpuCase c) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new KilnGpuSide(c, new PrintStream(out, true, StandardCharsets.UTF_8)).run();
    return GpuSide.of("Kiln", out.toString(StandardCharsets.UTF_8).lines().toList(), null);
  }

  @Test
  void shouldMeasureAMicroBatchAndTellOfItsKernels() {
    GpuSide side = run(FakeGpuLibraries.tiny(1, List.of(2), true));
    assertEquals(List.of(), side.refusals());
    assertTrue(side.info().stepFlops() > 2 * side.info().forwardFlops() && side.info().peaks().flops() > 0, side.toString());
    GpuOutcome two = side.at(2).orElseThrow();
    assertTrue(two.seconds().size() >= 2 && two.median() > 0 && two.kernelSeconds() > 0, two.toString());
    assertTrue(two.cardBytes() >= two.reservedBytes() && two.reservedBytes() >= two.peakBytes(), two.toString());

    assertEquals(two.launches(), two.kernels().stream().mapToInt(KernelRow::calls).sum());
    Set<String> kinds = two.kernels().stream().map(KernelRow::kind).collect(Collectors.toSet());
    assertTrue(kinds.containsAll(Set.of("Conv2d", "Conv2dWeightGrad", "MatMul", "GlobalNorm", "AdamW")), kinds.toString());
    assertEquals(2 * side.info().stepFlops(), two.kernels().stream().mapToDouble(KernelRow::flops).sum());
    assertTrue(two.kernels().stream().anyMatch(row -> row.layer().endsWith("(backward)")), "no layer's backward pass");
  }

  @Test
  void shouldSayThatNotEvenTheWeightsFit() throws IOException {
    GpuSide side = new GpuProcess(FakeGpuLibraries.memory(32)).kiln(FakeGpuLibraries.tiny(1, List.of(1), false));
    assertNotNull(side.failure());
    assertTrue(side.failure().contains("the device has no room for"), side.failure());
    assertEquals(List.of("Kiln: " + side.failure()), side.refusals());
  }

  @Test
  void shouldBeginNothingThatThereIsNoTimeFor() {
    GpuCase c = FakeGpuLibraries.tiny(0, List.of(1, 2), false).within(0);
    GpuSide side = run(c);
    assertEquals(List.of(1), side.measured().stream().map(GpuOutcome::microBatch).toList());
    assertTrue(side.refusals().getFirst().startsWith("Kiln: micro-batch 2: no time: "), side.refusals().toString());
  }

  @Test
  void shouldPassItsCaseOn() {
    StepCase step = NamedCase.ofPreset("tiny").getFirst().make();
    GpuCase c = GpuCase.of(step, true, 3, List.of(1, 2), 60, true).compiled(List.of(2, 1)).within(7);
    GpuCase read = GpuJson.LINES.readValue(GpuJson.LINES.writeValueAsString(c), GpuCase.class);
    assertEquals(c, read);
    assertEquals(7, read.budgetSeconds());
    assertEquals(1, read.secondsEach());
  }
}
