package kiln.bench.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import kiln.bench.step.NamedCase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

final class GpuStepBenchmarkTest {
  private static final DevicePeaks PEAKS = new DevicePeaks(1e12, 8e11, 1e12);
  private static final GpuCase CASE = GpuCase.of(NamedCase.ofPreset("tiny").getFirst().make(), true, 0, List.of(1, 2, 4), 60, true);

  @TempDir private Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final PrintStream printed = new PrintStream(out, true, StandardCharsets.UTF_8);

  private static GpuOutcome outcome(int n, double seconds, long peak, Double kernels) {
    List<KernelRow> rows =
        List.of(
            new KernelRow("Conv2d", "unet.conv_in", 2, 0.004, 2e9, 1e6, 0.002),
            new KernelRow("Conv2d", "unet.conv_out", 1, 0.001, 1e6, 1e9, 0.001),
            new KernelRow("AdamW", "", 1, 0.003, 0, 1.5e9, 0.0015));
    List<Double> times = List.of(seconds, 2 * seconds, seconds / 2);
    return new GpuOutcome(n, 9.0, times, peak, peak, 2 * peak, kernels, 4, kernels == null ? null : rows, null);
  }

  private static GpuSide kiln() {
    List<GpuOutcome> outcomes =
        List.of(
            outcome(1, 0.1, 1_000_000_000, 0.09), outcome(2, 0.1, 2_000_000_000, 0.098),
            GpuOutcome.refused(4, "does not fit: the device has no room for plan"));
    return new GpuSide("Kiln", new GpuInfo("GPU", "Kiln", 10, 1_000_000_000L, 3_000_000_000L, PEAKS), outcomes, null);
  }

  private static GpuSide peer(String name, long parameters, GpuOutcome... outcomes) {
    return new GpuSide(name, new GpuInfo("GPU", "PyTorch", parameters, 1_000_000_001L, null, null), List.of(outcomes), null);
  }

  @Test
  void shouldCompareMicroBatchByMicroBatch() {
    GpuSide eager = peer("eager", 10, outcome(1, 0.2, 2_000_000_000, null), outcome(2, 0.15, 4_000_000_000L, null));
    GpuSide compile = peer("compile", 10, outcome(2, 0.09, 3_000_000_000L, null));
    GpuReport report = GpuReport.of("tiny-f32", CASE, kiln(), eager, compile);
    GpuReport.Row two = report.rows().get(1);
    assertEquals(20, two.kiln().imagesPerSecond(), 1e-9);
    assertEquals(0.06, two.mfu(), 1e-9); // 20 images of 3 GFLOP a second, of 1 TFLOP/s
    assertEquals(0.02, two.idle(), 1e-9);
    assertEquals(1.5, two.toEager(), 1e-9);
    assertEquals(0.9, two.toCompile(), 1e-9);
    assertEquals(0.5, two.memoryToEager(), 1e-9);
    assertNull(report.rows().getFirst().toCompile());
    assertEquals(List.of("Kiln: micro-batch 4: does not fit: the device has no room for plan"), report.notes());

    GpuTable table = new GpuTable(report);
    List<String> lines = table.table();
    assertEquals(4, lines.size());
    assertEquals(1, lines.stream().map(line -> line.split("\\|").length).distinct().count(), lines.toString());
    assertTrue(
        lines.get(3).startsWith(
            "| 2 | 20.00 | 0.1000 | 6.0 % | 2.0 % | 2.00 (4.00) | 13.33 | 0.1500 | 1.50 | 4.00 (8.00) | 0.50 "
                + "| 22.22 | 0.0900 | 0.90 |"),
        lines.get(3));
    assertTrue(lines.get(2).endsWith("| – | – | – | – | – |"), lines.get(2));
    String best = "Most images/s: Kiln 20.00 (micro-batch 2), eager 13.33 (micro-batch 2), compile 22.22 (micro-batch 2)";
    assertTrue(table.notes().contains(best), table.notes().toString());
  }

  @Test
  void shouldSayIfTheNetworksAreNotTheSame() {
    GpuReport report = GpuReport.of("tiny-f32", CASE, kiln(), peer("eager", 11), null);
    assertTrue(report.notes().contains("not the same network: 10 parameters in Kiln, 11 in eager"), report.notes().toString());
  }

  @Test
  void shouldShowWhatKernelsReachOfThePeakThatBoundsThem() {
    List<String> lines = new GpuTable(GpuReport.of("tiny-f32", CASE, kiln(), null, null)).kernels();
    assertTrue(lines.getFirst().contains("micro-batch 2, 4 launches"), lines.getFirst());
    assertTrue(lines.contains("| Conv2d | 3 | 5.000 | 62.5 % | 0.4 | 200.2 | products | 60.0 % |"), lines.toString());
    assertTrue(lines.contains("| AdamW | 1 | 3.000 | 37.5 % | – | 500.0 | memory | 50.0 % |"), lines.toString());
    assertTrue(
        lines.contains("| Conv2d | unet.conv_out | 1 | 1.000 | 12.5 % | 0.0 | 1000.0 | memory | 100.0 % |"), lines.toString());
  }

  @Test
  void shouldMeasureToTheEndOfMemoryAndAPeerBesideIt() throws IOException {
    FakeGpuLibraries.assumeBuilt();
    GpuCase c = FakeGpuLibraries.tiny(1, List.of(1, 1 << 15, 1 << 16), true);
    Path script = folder.resolve("peer.sh");
    Files.writeString(
        script,
        """
        echo a warning of somebody
        echo '{"device": "GPU", "versions": "PyTorch 0", "parameters": 1, "forward_flops": 1}'
        grep -q '"compile":true' $1 && echo '{"micro_batch": 1, "refused": "InductorError: no compiler"}' && exit 0
        echo '{"micro_batch": 1, "seconds": [1.0, 2.0, 3.0], "peak_bytes": 1, "reserved_bytes": 2, "card_bytes": 3}'
        echo 'Bus error' >&2
        exit 9
        """);
    GpuProcess process = new GpuProcess(FakeGpuLibraries.memory(128));
    GpuReport report = new GpuStepBenchmark(process, "sh", script, printed).run("tiny-bf16", c);
    assertEquals(0.5, report.rows().getFirst().eager().imagesPerSecond());
    assertTrue(report.rows().getFirst().toEager() > 0);
    assertEquals(List.of(1, 1 << 15), report.kiln().outcomes().stream().map(GpuOutcome::microBatch).toList()); // nothing larger
    String note = report.notes().getFirst();
    assertTrue(note.startsWith("Kiln: micro-batch 32768: does not fit: the device has no room for plan: wanted "), note);
    assertTrue(report.notes().contains("eager: ended with status 9, and said last: Bus error"), report.notes().toString());
    assertTrue(report.notes().contains("compile: micro-batch 1: InductorError: no compiler"), report.notes().toString());
    String said = out.toString(StandardCharsets.UTF_8);
    assertTrue(said.contains("eager: PyTorch 0") && said.contains("| AdamW | 1 | "), said);
    assertTrue(said.startsWith("tiny-bf16: training step of a UNet of "), said);
  }

  @Test
  void shouldStopAPeerWhoseTimeIsOver() throws IOException {
    Path script = folder.resolve("peer.sh");
    Files.writeString(script, "echo '{\"micro_batch\": 1, \"refused\": \"none\"}'; exec sleep 60\n");
    GpuCase half = CASE.within(-29.5); // a second, with what all are given
    GpuSide side = new GpuProcess(Map.of()).peer("eager", "sh", script, half);
    assertTrue(side.failure().startsWith("stopped after "), side.failure());
    assertEquals(1, side.outcomes().size());
  }

  @Test
  void shouldMeasureKilnAloneWithoutAPeer() throws IOException {
    FakeGpuLibraries.assumeBuilt();
    Path json = folder.resolve("step.json");
    Host host = new Host();
    new CommandLine(host).parseArgs("--backend", "cuda", "--json", json.toString());
    assertTrue(host.options.isCuda());
    Path python = Files.writeString(folder.resolve("python"), "#!/bin/sh\nexit 1\n");
    assertTrue(python.toFile().setExecutable(true));
    assertTrue(
        host.options.run(Map.of("tiny-bf16", FakeGpuLibraries.tiny(1, List.of(1), false)), python.toString(), printed));
    List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
    assertEquals(
        "PyTorch is left out: option --peer: expected a Python whose PyTorch sees the GPU, found no PyTorch in " + python,
        lines.getFirst());
    JsonNode row = GpuJson.FILE.readTree(json).at("/cases/0/rows/0");
    assertEquals(1, row.at("/micro_batch").intValue());
    assertTrue(row.at("/kiln/images_per_second").doubleValue() > 0 && row.at("/mfu").doubleValue() > 0, row.toString());
    assertTrue(row.at("/eager").isMissingNode());
    assertTrue(lines.stream().anyMatch(line -> line.startsWith("| 1 | ")), lines.toString());
  }

  @Test
  void shouldCarryThePeerWithIt() throws IOException {
    Path files = Files.createDirectory(folder.resolve("peer"));
    Path script = PeerPython.write(files);
    assertTrue(Files.readString(script).contains("import torch_models"), "not the peer: " + script);
    assertTrue(Files.exists(files.resolve("torch_models.py")));
    PeerPython.delete(files);
    assertTrue(Files.notExists(files));
    assertEquals("found no program " + files, PeerPython.problem(files.toString()));
  }

  @Test
  void shouldNotTakeOptionsOfOneBackendWithTheOther() {
    Host host = new Host();
    new CommandLine(host).parseArgs("--minutes", "2");
    assertEquals(
        "option --minutes: expected --backend cuda beside it, found cpu",
        assertThrows(CommandLine.ParameterException.class, host.options::isCuda).getMessage());
    new CommandLine(host).parseArgs("--backend", "cuda");
    NamedCase drawing = NamedCase.find("text-to-image").orElseThrow();
    assertEquals(
        "CASE: expected training steps with --backend cuda, found text-to-image",
        assertThrows(CommandLine.ParameterException.class, () -> host.options.run(List.of(drawing), null, false, printed))
            .getMessage());
  }

  /** As StepCommand has the options. */
  @CommandLine.Command
  private static final class Host {
    @CommandLine.Mixin private GpuOptions options;
  }
}
