package kiln.launcher.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import kiln.model.graph.Shape;
import kiln.model.weights.SafetensorsType;
import kiln.model.weights.SafetensorsWriter;
import kiln.model.weights.SafetensorsWriter.Tensor;
import kiln.model.weights.WeightSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CheckpointDiffTest {
  private static final int EQUAL = 0;
  private static final int DIFFERENT = 1;
  private static final int TROUBLE = 2;

  @TempDir private Path temporary;

  private static Outcome diff(int status, Path a, Path b, String... options) {
    List<String> arguments = new ArrayList<>(List.of("checkpoint", "diff", a.toString(), b.toString()));
    arguments.addAll(List.of(options));
    Outcome outcome = KilnProcess.runHere(arguments.toArray(String[]::new));
    assertEquals(status, outcome.status(), outcome::toString);
    return outcome;
  }

  private static JsonNode json(int status, Path a, Path b) {
    return JsonMapper.shared().readTree(diff(status, a, b, "--json").out());
  }

  @Test
  void shouldCompareHoweverRanksDividedTensors() {
    String out = diff(DIFFERENT, SavedRuns.two(), SavedRuns.divided()).out();
    assertTrue(out.contains("made otherwise: sharding.mode: \"none\" → \"parameters\""), out);
    JsonNode json = json(DIFFERENT, SavedRuns.two(), SavedRuns.divided());
    assertEquals(0, json.path("values").size(), json.toString());
    assertEquals(7, json.path("sets").size(), json.toString());
    json.path("sets").forEach(set -> {
      assertTrue(set.path("total").path("elements").asLong() > 1000, set.toString());
      assertEquals(0, set.path("only_in_a").size() + set.path("only_in_b").size() + set.path("other_shapes").size());
      assertTrue(set.path("total").path("max_absolute").asDouble() < 1e-5, "they add gradients in another order");
    });
  }

  @Test
  void shouldNotCountHowACheckpointWasMade() throws IOException {
    Path a = RunFiles.checkpoint(SavedRuns.one(), 4);
    Path b = TinyRuns.copy(a, temporary.resolve("b"));
    Path record = b.resolve("training.json");
    String text = Files.readString(record);
    String more = text.replaceFirst("\"ranks\" : 1", "\"ranks\" : 3");
    Files.writeString(record, more.replaceFirst("\"folder\" : \"", "\"folder\" : \"/mnt"));
    SavedRuns.seal(b, 4);
    String out = diff(EQUAL, a, b).assertOk().out();
    assertTrue(out.contains("made otherwise: ranks: 1 → 3") && out.contains("made otherwise: data.folder: "), out);
    assertTrue(out.strip().endsWith("equal, bit for bit"), out);
    JsonNode json = json(EQUAL, a, b);
    assertTrue(json.path("equal").asBoolean() && json.path("values").isEmpty(), json.toString());
    List<String> fields = List.of("a", "b", "equal", "values", "circumstances", "only_in_a", "only_in_b", "sets");
    assertEquals(fields, List.copyOf(json.propertyNames()));
    JsonNode moments = json.path("sets").path("optimizer/exp_avg");
    assertTrue(moments.path("equal").asInt() > 20, json.toString());
    assertEquals(0, moments.path("total").path("different").asInt(-1));
  }

  @Test
  void shouldTellWhatAStepHasChanged() {
    Path earlier = RunFiles.checkpoint(SavedRuns.one(), 3);
    String out = diff(DIFFERENT, earlier, SavedRuns.one()).out();
    assertTrue(out.contains("training.json: step: 3 → 4"), out);
    assertTrue(out.contains("training.json: samples_seen: "), out);
    assertTrue(out.contains("and ") && out.contains(" more; --tensors lists them"), out);
    assertTrue(out.strip().endsWith("different"), out);
    JsonNode json = json(DIFFERENT, earlier, SavedRuns.one());
    JsonNode unet = json.path("sets").path(SavedRuns.UNET);
    assertTrue(unet.path("different").size() > 20 && unet.path("total").path("max_absolute").asDouble() > 0, json.toString());
    assertEquals(0, json.path("sets").path("vae/diffusion_pytorch_model").path("different").size(), "frozen");
    assertTrue(json.path("sets").path("vae/diffusion_pytorch_model").path("equal").asInt() > 0, "frozen");
  }

  @Test
  void shouldCountElementsAndMeasureThem() throws IOException {
    Path run = TinyRuns.copy(SavedRuns.one(), temporary.resolve("run"));
    Path a = RunFiles.checkpoint(run, 4);
    Path b = TinyRuns.copy(a, temporary.resolve("b"));
    try (Arena arena = Arena.ofConfined()) {
      Tensor left = Tensor.f32("w", Shape.of(5), arena.allocateFrom(ValueLayout.JAVA_FLOAT, 0.0f, 1, 2, 4, Float.NaN));
      Tensor right = Tensor.f32("w", Shape.of(5), arena.allocateFrom(ValueLayout.JAVA_FLOAT, -0.0f, 1, 2.5f, 8, Float.NaN));
      MemorySegment large = arena.allocate(ValueLayout.JAVA_FLOAT, 600_001);
      Tensor long1 = Tensor.f32("long", Shape.of(600_001), arena.allocate(ValueLayout.JAVA_FLOAT, 600_001));
      large.setAtIndex(ValueLayout.JAVA_FLOAT, 600_000, Float.POSITIVE_INFINITY);
      Tensor long2 = Tensor.f32("long", Shape.of(600_001), large);
      Tensor ids = new Tensor("bytes", SafetensorsType.U8, Shape.of(3), arena.allocate(3));
      Tensor others = new Tensor("bytes", SafetensorsType.U8, Shape.of(3), arena.allocate(3).fill((byte) 1));
      Tensor flat = Tensor.f32("shape", Shape.of(4), arena.allocate(16));
      Tensor square = Tensor.f32("shape", Shape.of(2, 2), arena.allocate(16));
      Tensor lone = Tensor.f32("lone", Shape.of(1), arena.allocate(4));
      write(a, List.of(left, long1, ids, flat, lone));
      write(b, List.of(right, long2, others, square));
    }
    JsonNode set = json(DIFFERENT, a, b).path("sets").path(SavedRuns.UNET);
    JsonNode w = set.path("different").path("w");
    assertEquals(5, w.path("elements").asInt());
    assertEquals(3, w.path("different").asInt(), "the zeros' signs, 2 and 4; not the NaN, whose bits are equal");
    assertEquals(4.0, w.path("max_absolute").asDouble());
    assertEquals(0.5, w.path("max_relative").asDouble());
    assertEquals(1, set.path("different").path("long").path("different").asInt());
    assertEquals(1, set.path("different").path("long").path("not_comparable").asInt());
    assertEquals(3, set.path("different").path("bytes").path("different").asInt());
    assertEquals("[\"F32[4]\",\"F32[2, 2]\"]", set.path("other_shapes").path("shape").toString());
    assertEquals("[\"lone\"]", set.path("only_in_a").toString());
    String out = diff(DIFFERENT, b, a, "--tensors").out();
    assertTrue(out.contains("  w: 3 of 5 elements, max abs 4.00, max rel 0.500"), out);
    assertTrue(out.contains("  long: 1 of 600,001 elements, max abs 0, max rel 0, 1 not finite"), out);
    assertTrue(out.contains("  lone: only in B"), out);
    assertTrue(out.contains("  shape: F32[2, 2] → F32[4]"), out);
  }

  private static void write(Path checkpoint, List<Tensor> tensors) {
    SafetensorsWriter.writeChecked(checkpoint.resolve(SavedRuns.UNET + ".safetensors"), Map.of("format", "pt"), tensors);
    SavedRuns.seal(checkpoint, 4);
  }

  @Test
  void shouldFindTheOneNumberThatDiffersInAPiece() throws IOException {
    Path a = RunFiles.checkpoint(SavedRuns.divided(), 4);
    Path b = TinyRuns.copy(a, temporary.resolve("b"));
    SavedRuns.flip(b.resolve("ema/" + SavedRuns.UNET + "-00002-of-00002.safetensors"), "conv_out.weight");
    JsonNode json = json(DIFFERENT, a, b);
    JsonNode set = json.path("sets").path("ema/" + SavedRuns.UNET);
    assertEquals(List.of("conv_out.weight"), List.copyOf(set.path("different").propertyNames()));
    assertEquals(1, set.path("total").path("different").asInt());
    try (WeightSource source = WeightSource.open(a.resolve("ema/unet"))) {
      long elements = source.tensors().values().stream().mapToLong(entry -> entry.elements()).sum();
      assertEquals(elements, set.path("total").path("elements").asLong());
    }
  }

  @Test
  void shouldTellFilesThatOnlyOneHas() throws IOException {
    Path a = RunFiles.checkpoint(SavedRuns.one(), 4);
    Path b = TinyRuns.copy(a, temporary.resolve("b"));
    Files.delete(b.resolve("optimizer/exp_avg.safetensors"));
    Path config = b.resolve("unet/config.json");
    Files.writeString(config, Files.readString(config).replaceFirst("\\{", "{\"added\": 5,"));
    SavedRuns.seal(b, 4);
    String out = diff(DIFFERENT, a, b).out();
    assertTrue(out.contains("only in A: optimizer/exp_avg\n"), out);
    assertTrue(out.contains("unet/config.json: added: none → 5"), out);
  }

  @Test
  void shouldEndWithTwoIfItCannotCompare() throws IOException {
    diff(TROUBLE, SavedRuns.one(), temporary).assertRefused(TROUBLE, "option B: " + temporary + ": no checkpoint there");
    Path b = TinyRuns.copy(RunFiles.checkpoint(SavedRuns.two(), 4), temporary.resolve("b"));
    Files.delete(b.resolve(SavedRuns.UNET + "-00001-of-00002.safetensors"));
    diff(TROUBLE, SavedRuns.one(), b).assertRefused(TROUBLE, SavedRuns.UNET + ".safetensors.index.json", "which is not there");
  }
}
