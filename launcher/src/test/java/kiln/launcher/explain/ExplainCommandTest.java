package kiln.launcher.explain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.preset.NetworkCatalog;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.xml.sax.SAXException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class ExplainCommandTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final double PRODUCT = 500; // GFLOP/s
  private static final double COPY = 20; // GB/s

  private static final String KEPT = "plan: activations kept for backward";

  @TempDir private Path folder;

  private static Outcome explain(String... options) {
    List<String> command = new ArrayList<>(List.of("explain"));
    command.addAll(List.of("--peak-product", Double.toString(PRODUCT), "--peak-copy", Double.toString(COPY)));
    command.addAll(List.of(options));
    return KilnProcess.runHere(command.toArray(String[]::new));
  }

  private static JsonNode json(String... options) {
    List<String> all = new ArrayList<>(List.of(options));
    all.add("--json");
    return JSON.readTree(explain(all.toArray(String[]::new)).assertOk().out());
  }

  private static double sum(JsonNode list, String field) {
    return StreamSupport.stream(list.spliterator(), false).mapToDouble(row -> row.get(field).doubleValue()).sum();
  }

  private static double bytes(JsonNode explained, String category) {
    for (JsonNode part : explained.get("memory")) {
      if (part.get("name").asString().equals(category)) {
        return part.get("bytes").doubleValue();
      }
    }
    throw new AssertionError(category + " is not in " + explained.get("memory"));
  }

  /** Bytes of the largest tensor of a type. */
  private static long largest(JsonNode explained, String type) {
    return StreamSupport.stream(explained.get("buffers").spliterator(), false)
        .filter(buffer -> buffer.get("type").asString().startsWith(type))
        .mapToLong(buffer -> buffer.get("bytes").longValue())
        .max()
        .orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny", "tiny-vae"})
  void shouldAddUp(String preset) {
    JsonNode explained = json("--preset", preset, "--size", "32", "--tokens", "24");
    JsonNode kinds = explained.get("kinds");
    assertEquals(explained.get("flops").doubleValue(), sum(kinds, "flops"));
    assertEquals(explained.get("bytes").doubleValue(), sum(kinds, "bytes"));
    assertEquals(explained.get("launches").doubleValue(), sum(kinds, "launches"));
    double seconds = explained.get("run_seconds").doubleValue();
    assertEquals(seconds, sum(kinds, "seconds"), 1e-9);
    assertTrue(seconds >= explained.get("flops").doubleValue() / (1e9 * PRODUCT));
    assertTrue(seconds >= explained.get("bytes").doubleValue() / (1e9 * COPY) * 0.999);
    assertTrue(explained.get("step_seconds").doubleValue() > explained.get("runs").intValue() * seconds);
    assertEquals(explained.get("memory_bytes").doubleValue(), sum(explained.get("memory"), "bytes"));
    double plan = 0;
    for (JsonNode part : explained.get("memory")) {
      assertTrue(part.get("bytes").longValue() >= 0, part.toString());
      plan += part.get("name").asString().startsWith("plan: ") ? part.get("bytes").doubleValue() : 0;
    }
    assertEquals(explained.get("plan_bytes").doubleValue(), plan);
    assertEquals(2 * bytes(explained, "weights"), bytes(explained, "moments of the optimizer"));
    assertTrue(bytes(explained, KEPT) > 0);
    assertTrue(explained.get("buffers").get(0).get("bytes").longValue() >= explained.get("buffers").get(1).get("bytes").longValue());
  }

  /** As many as PyTorch's counter finds in the same network of bench/peers. */
  @Test
  void shouldCountTheFlopsOfThePublishedNetwork() {
    JsonNode explained = json("--preset", "sd21-byt5-base-unet", "--shape", "32", "--tokens", "128");
    assertEquals(187_558_133_760L, explained.get("flops").longValue());
    double weights = bytes(explained, "weights as they lie in their files") + bytes(explained, "plan: frozen weights as kernels want them");
    assertEquals(878_690_244 * 4.0, weights, 0.01 * weights);
  }

  @Test
  void shouldFollowBatchSizeAndTokens() {
    double one = json("--preset", "tiny", "--shape", "8", "--batch", "1").get("flops").doubleValue();
    assertEquals(2, json("--preset", "tiny", "--shape", "8", "--batch", "2").get("flops").doubleValue() / one, 0.02);
    assertTrue(json("--preset", "tiny", "--shape", "8", "--batch", "1", "--tokens", "64").get("flops").doubleValue() < one);
    String shown = explain("--preset", "tiny", "--shape", "8x16").assertOk().out();
    assertTrue(shown.contains("pictures 16x32"), shown);
    assertTrue(shown.contains("largest buffers") && shown.contains("plan: activations kept for backward"), shown);
  }

  @Test
  void shouldExplainEveryKindOfNetwork() {
    for (String name : NetworkCatalog.names()) {
      if (name.startsWith("tiny")) {
        JsonNode explained = json("--preset", name, "--tokens", "16");
        assertTrue(explained.get("flops").longValue() > 0, name);
        assertTrue(explained.get("subject").asString().contains(name), name);
      }
    }
    JsonNode vae = json("--preset", "sd21-autoencoder", "--size", "64");
    assertTrue(vae.get("flops").longValue() > 0);
  }

  @Test
  void shouldHalveActivationsInBfloat16() {
    for (String name : List.of("tiny-ddpm-unet", "tiny-xl-unet", "sd21-autoencoder")) {
      JsonNode wide = json("--preset", name, "--size", "256"); // large beside what kernels need while they run
      JsonNode narrow = json("--preset", name, "--size", "256", "--precision", "bf16");
      assertTrue(narrow.get("subject").asString().endsWith("bfloat16"));
      assertEquals(wide.get("flops"), narrow.get("flops"), name);
      assertEquals(largest(wide, "f32["), 2 * largest(narrow, "bf16["), name);
    }
  }

  @Test
  void shouldTakeTheStepInBfloat16AndHoldLessWithRematerialisation() {
    double wide = bytes(json("--preset", "tiny", "--size", "32"), KEPT);
    double narrow = bytes(json("--preset", "tiny", "--size", "32", "--precision", "bf16"), KEPT);
    assertTrue(narrow < 0.75 * wide, narrow + " of " + wide);
    JsonNode once = json("--preset", "tiny", "--size", "32", "--remat", "none");
    JsonNode twice = json("--preset", "tiny", "--size", "32", "--remat", "blocks");
    assertTrue(twice.get("flops").longValue() > once.get("flops").longValue());
    assertTrue(bytes(twice, KEPT) < bytes(once, KEPT));
    assertTrue(twice.get("subject").asString().contains("blocks computed once more"));
  }

  @Test
  void shouldDrawTheGraph() throws IOException, ParserConfigurationException, SAXException {
    Path dot = folder.resolve("graph.dot");
    explain("--preset", "tiny", "--size", "32", "--graph", dot.toString()).assertOk();
    String text = Files.readString(dot);
    assertTrue(text.startsWith("digraph ") && text.contains("label=\"unet\"") && text.contains("label=\"conv_in\""), text);
    assertEquals(text.chars().filter(c -> c == '{').count(), text.chars().filter(c -> c == '}').count());
    long boxes = text.lines().filter(line -> line.matches(" *n\\d+ \\[label=.*")).count();
    assertEquals(boxes, text.lines().filter(line -> line.matches(" *n\\d+ \\[label=.*")).distinct().count());

    Path svg = folder.resolve("graph.svg");
    explain("--preset", "tiny", "--size", "32", "--graph", svg.toString(), "--graph-depth", "3").assertOk();
    Document document = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(svg.toFile());
    int groups = document.getElementsByTagName("g").getLength();
    assertTrue(groups > 10 && groups < boxes / 2, "groups=" + groups + " boxes=" + boxes);
    assertTrue(Files.readString(svg).contains("<title>unet.down_blocks.0</title>"));
    assertFalse(Files.readString(svg).contains("<title>unet.down_blocks.0.resnets</title>"));
  }

  @Test
  void shouldRefuseWhatDoesNotFit() {
    explain("--preset", "tiny-unit").assertRefused(ExitStatus.USER_ERROR, "option --preset", "tiny-unit", "near:");
    explain("--preset", "tiny", "--size", "33").assertRefused(ExitStatus.USER_ERROR, "option --size", "multiples of 2", "33x33");
    explain("--preset", "tiny", "--size", "32", "--shape", "16").assertRefused(ExitStatus.USAGE, "option --size", "found both");
    explain("--preset", "tiny", "--batch", "0").assertRefused(ExitStatus.USAGE, "option --batch", "found 0");
    explain("--preset", "tiny-text-encoder", "--tokens", "9999").assertRefused(ExitStatus.USER_ERROR, "option --tokens", "9999");
    explain("--preset", "tiny-byt5", "--size", "8").assertRefused(ExitStatus.USER_ERROR, "option --size", "reads text");
    explain("--preset", "tiny-byt5", "--precision", "bf16").assertRefused(ExitStatus.USER_ERROR, "option --precision");
    explain("--preset", "tiny-byt5", "--set", "steps=3").assertRefused(ExitStatus.USER_ERROR, "option --set", "network");
    explain("--preset", "tiny", "--graph", folder.resolve("x.png").toString())
        .assertRefused(ExitStatus.USER_ERROR, "option --graph", ".dot, .gv or .svg");
    explain("--preset", "tiny", "--graph", folder.resolve("missing/x.svg").toString())
        .assertRefused(ExitStatus.USER_ERROR, "option --graph", "missing");
  }

  /** Each mode divides more; what is kept is the formula's, but for shares that are rounded up. */
  @ParameterizedTest
  @ValueSource(strings = {"float32", "bf16"})
  void shouldSayWhatRanksKeep(String precision) {
    JsonNode shards = json("--preset", "tiny", "--size", "32", "--tokens", "24", "--precision", precision).get("shards");
    JsonNode whole = shards.get(0);
    double parameters = whole.get("gradients").doubleValue();
    assertEquals(3 * parameters, whole.get("optimizer").doubleValue());
    assertEquals((precision.equals("bf16") ? 1.5 : 1) * parameters, whole.get("weights").doubleValue());
    assertEquals(0, whole.get("passing").doubleValue());
    double before = 0;
    for (JsonNode shard : shards) {
      String what = shard.toString();
      int ranks = shard.get("ranks").intValue();
      double kept = Stream.of("weights", "gradients", "optimizer").mapToDouble(part -> shard.get(part).doubleValue()).sum();
      double formula = shard.get("formula").doubleValue();
      if (ranks <= 4) {
        assertTrue(kept >= formula && kept <= 1.02 * formula, what);
      }
      if (ranks > 1 && !shard.get("mode").asString().equalsIgnoreCase("none")) {
        assertTrue(formula < before, what);
        assertTrue(shard.get("passing").doubleValue() > 0, what);
        assertTrue(shard.get("passing").doubleValue() < 2 * parameters, what);
      }
      before = formula;
    }
    String text = explain("--preset", "tiny", "--size", "32", "--tokens", "24").assertOk().out();
    assertTrue(text.contains("training state per rank, GB"), text);
    assertTrue(text.contains("1024 ranks"), text);
  }
}
