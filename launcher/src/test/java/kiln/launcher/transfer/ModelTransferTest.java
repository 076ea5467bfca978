package kiln.launcher.transfer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import kiln.data.text.Tokenizers;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import kiln.launcher.ranks.ExitStatus;
import kiln.model.graph.Parameter;
import kiln.model.layer.ParameterScope;
import kiln.model.network.unet.UNet2dConditionConfig;
import kiln.model.network.unet.UNet2dConditionModel;
import kiln.model.network.unet.UNet2dConditionPresets;
import kiln.model.weights.SafetensorsType;
import kiln.model.weights.TensorEntry;
import kiln.model.weights.WeightSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models from a checkpoint to a folder for others, and from folders to the beginning of a run. */
class ModelTransferTest {
  private static final List<String> NETWORKS = List.of("unet", "text_encoder", "vae");
  private static final Pattern READS_TEXT = Pattern.compile(".*\\.attn2\\.to_[kv]\\.weight");

  @TempDir Path temporary;

  private static Outcome export(Path out, String... more) {
    String[] command = {"export", "--checkpoint", TinyRuns.finished().toString(), "--out", out.toString()};
    return KilnProcess.runHere(Stream.concat(Stream.of(command), Stream.of(more)).toArray(String[]::new));
  }

  private static Outcome init(Path out, String... more) {
    String[] command = {"init", "--preset", "tiny", "--out", out.toString()};
    return KilnProcess.runHere(Stream.concat(Stream.of(command), Stream.of(more)).toArray(String[]::new));
  }

  /** The bytes of all tensors of a network by their names, each after its type and shape. */
  private static Map<String, List<Object>> tensors(Path network) {
    Map<String, List<Object>> result = new TreeMap<>();
    try (WeightSource source = WeightSource.open(network)) {
      for (Map.Entry<String, TensorEntry> entry : source.tensors().entrySet()) {
        byte[] bytes = source.file(entry.getKey()).segment(entry.getKey()).toArray(ValueLayout.JAVA_BYTE);
        result.put(entry.getKey(), List.of(entry.getValue().type(), entry.getValue().dims(), ByteBuffer.wrap(bytes)));
      }
    }
    return result;
  }

  private static Path checkpoint() {
    return RunFiles.checkpoint(TinyRuns.finished(), 12);
  }

  @Test
  void shouldExportEveryTensorAsItIs() throws IOException {
    Path averaged = temporary.resolve("new/averaged");
    Path raw = temporary.resolve("raw");
    export(averaged).assertOk();
    export(raw, "--weights", "raw").assertOk();
    for (String network : NETWORKS) {
      boolean trained = !network.equals("vae");
      Path average = checkpoint().resolve(trained ? "ema" : "").resolve(network);
      assertEquals(tensors(average), tensors(averaged.resolve(network)));
      assertEquals(tensors(checkpoint().resolve(network)), tensors(raw.resolve(network)));
    }
    List<String> files =
        List.of(
            "model_index.json", "scheduler/scheduler_config.json", "text_encoder/config.json",
            "text_encoder/model.safetensors", "tokenizer/special_tokens_map.json", "tokenizer/tokenizer_config.json",
            "unet/config.json", "unet/diffusion_pytorch_model.safetensors", "vae/config.json",
            "vae/diffusion_pytorch_model.safetensors");
    assertEquals(files, RunFiles.files(averaged).stream().map(Path::toString).toList());
    for (String file : List.of("model_index.json", "scheduler/scheduler_config.json", "tokenizer/tokenizer_config.json")) {
      assertEquals(Files.readString(checkpoint().resolve(file)), Files.readString(averaged.resolve(file)));
    }
  }

  @Test
  void shouldExportRoundedAndInShards() {
    Path out = temporary.resolve("out");
    Outcome outcome = export(out, "--dtype", "bf16", "--max-shard-size", "20KB").assertOk();
    assertTrue(outcome.out().contains("bytes of bfloat16 in "), outcome::toString);
    assertTrue(Files.exists(out.resolve("unet/diffusion_pytorch_model.safetensors.index.json")));
    assertTrue(Files.exists(out.resolve("text_encoder/model.safetensors.index.json")));
    try (WeightSource exact = WeightSource.open(checkpoint().resolve("ema/unet"));
        WeightSource rounded = WeightSource.open(out.resolve("unet"))) {
      assertEquals(exact.tensors().keySet(), rounded.tensors().keySet());
      for (String name : exact.tensors().keySet()) {
        assertEquals(SafetensorsType.BF16, rounded.tensors().get(name).type());
        float[] values = exact.file(name).segment(name).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
        short[] expected = new short[values.length];
        for (int i = 0; i < values.length; i++) {
          int bits = Float.floatToRawIntBits(values[i]);
          expected[i] = (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16); // to nearest, ties to even
        }
        assertArrayEquals(expected, rounded.file(name).segment(name).toArray(ValueLayout.JAVA_SHORT_UNALIGNED), name);
      }
    }
  }

  @Test
  void shouldExportAnAutoencoderAlone() {
    Path out = temporary.resolve("vae");
    KilnProcess.runHere("export", "--checkpoint", TinyRuns.vae().toString(), "--out", out.toString()).assertOk();
    assertEquals(
        List.of("config.json", "diffusion_pytorch_model.safetensors"),
        RunFiles.files(out).stream().map(Path::toString).toList());
    assertEquals(tensors(RunFiles.checkpoint(TinyRuns.vae(), 2).resolve("ema/vae")), tensors(out));
  }

  @Test
  void shouldGoOnFromAnExport() {
    Path exported = temporary.resolve("exported");
    Path model = temporary.resolve("model");
    Path run = temporary.resolve("run");
    export(exported, "--dtype", "bfloat16", "--max-shard-size", "50KB").assertOk();
    Outcome inspected = KilnProcess.runHere("inspect", exported.toString()).assertOk();
    assertTrue(inspected.out().contains("unet: config and weights fit"), inspected::toString);
    Path picture = temporary.resolve("picture.png");
    String[] generate = {
      "generate", "--checkpoint", exported.toString(), "--prompt", "A", "--steps", "2", "--out", picture.toString()
    };
    assertEquals(ExitStatus.OK, KilnProcess.runHere(generate).status());
    assertTrue(Files.exists(picture));
    Outcome outcome = init(model, "--from", exported.toString()).assertOk();
    assertFalse(outcome.out().contains(" new, of seed"), outcome::toString);
    String[] command = {
      "train", "--preset", "tiny", "--data", TinyRuns.data().toString(), "--out", run.toString(), "--init", model.toString(),
      "--steps", "2"
    };
    KilnProcess.run(command).assertOk();
    assertEquals(tensors(model.resolve("vae")), tensors(RunFiles.checkpoint(run, 2).resolve("vae")));
  }

  @Test
  void shouldBeginAsTrainingWould() {
    Path model = temporary.resolve("model");
    Path run = temporary.resolve("run");
    init(model, "--seed", "5").assertOk();
    assertEquals(1024, Tokenizers.open(model.resolve("tokenizer")).maxLength());
    // The learning rate of the first step is 0.
    KilnProcess.run(TinyRuns.train(run, "--seed", "5", "--steps", "1", "--set", "optimizer.warmup_steps=1")).assertOk();
    for (String network : List.of("unet", "text_encoder")) {
      assertEquals(tensors(RunFiles.checkpoint(run, 1).resolve(network)), tensors(model.resolve(network)));
    }
  }

  /** As Stable Diffusion 2.1 is taken over to ByT5: a text encoder of another kind, and another width. */
  @Test
  void shouldBeginAnewOnlyWhereTextIsRead() throws IOException {
    Path foreign = temporary.resolve("foreign");
    export(foreign).assertOk();
    replace(foreign.resolve("model_index.json"), "T5EncoderModel", "CLIPTextModel");
    replace(foreign.resolve("text_encoder/config.json"), "\"t5\"", "\"clip_text_model\"");
    String[] wider = {"--set", "unet.cross_attention_dim=48", "--set", "text_encoder.d_model=48", "--seed", "3"};
    Path anew = temporary.resolve("anew");
    Path model = temporary.resolve("model");
    init(anew, wider).assertOk();
    Stream<String> options = Stream.concat(Stream.of("--from", foreign.toString()), Stream.of(wider));
    Outcome outcome = init(model, options.toArray(String[]::new)).assertOk();
    Map<String, List<Object>> before = tensors(foreign.resolve("unet"));
    Map<String, List<Object>> fresh = tensors(anew.resolve("unet"));
    Map<String, List<Object>> after = tensors(model.resolve("unet"));
    assertEquals(before.keySet(), after.keySet());
    int numFresh = 0;
    for (String name : before.keySet()) {
      boolean readsText = READS_TEXT.matcher(name).matches();
      assertEquals(readsText ? fresh.get(name) : before.get(name), after.get(name), name);
      numFresh += readsText ? 1 : 0;
      String layer = "  " + name.replaceAll("\\.to_[kv]\\.weight", "") + ": to_k.weight, to_v.weight\n";
      assertEquals(readsText, outcome.out().contains(layer), name);
    }
    assertTrue(numFresh > 0);
    int numKept = before.size() - numFresh;
    String kept = numKept + " kept from " + foreign.resolve("unet/diffusion_pytorch_model.safetensors");
    assertTrue(outcome.out().contains(kept + "; " + numFresh + " new, of seed 3:"), outcome::toString);
    assertTrue(outcome.out().contains("text_encoder: not taken, a CLIPTextModel"), outcome::toString);
    assertEquals(tensors(anew.resolve("text_encoder")), tensors(model.resolve("text_encoder")));
    assertEquals(tensors(foreign.resolve("vae")), tensors(model.resolve("vae")));
  }

  /** At full size, by shapes alone. */
  @Test
  void shouldKeepAllOfStableDiffusion21ButWhatReadsText() {
    List<Parameter> published = unet(UNet2dConditionPresets.stableDiffusion21());
    List<Parameter> wider = unet(UNet2dConditionPresets.stableDiffusion21ByT5Base());
    List<String> others = new ArrayList<>();
    for (int i = 0; i < wider.size(); i++) {
      assertEquals(published.get(i).name(), wider.get(i).name());
      if (!published.get(i).shape().equals(wider.get(i).shape())) {
        others.add(wider.get(i).name());
      }
    }
    assertEquals(32, others.size());
    assertTrue(others.stream().allMatch(name -> READS_TEXT.matcher(name).matches()), others::toString);
  }

  private static List<Parameter> unet(UNet2dConditionConfig config) {
    return new UNet2dConditionModel(config, new ParameterScope()).parameters();
  }

  private static void replace(Path file, String old, String other) throws IOException {
    String text = Files.readString(file);
    assertTrue(text.contains(old), text);
    Files.writeString(file, text.replace(old, other));
  }

  @Test
  void shouldRefuseOtherNetworks() throws IOException {
    Path from = temporary.resolve("from");
    Path out = temporary.resolve("out");
    export(from).assertOk();
    init(out, "--from", from.toString(), "--set", "text_encoder.num_layers=3")
        .assertRefused(ExitStatus.USER_ERROR, "text_encoder/config.json", "num_layers: found 2, expected 3");
    init(out, "--from", from.toString(), "--set", "unet.block_out_channels=[16,64]")
        .assertRefused(ExitStatus.USER_ERROR, "unet/config.json", "block_out_channels: found [16,32], expected [16,64]");
    replace(from.resolve("unet/config.json"), "\"addition_embed_type\" : null", "\"addition_embed_type\" : \"text\"");
    init(out, "--from", from.toString()).assertRefused(ExitStatus.USER_ERROR, "addition_embed_type");
    init(out, "--from", temporary.resolve("nowhere").toString())
        .assertRefused(ExitStatus.USER_ERROR, "option --from", "nowhere");
    init(out, "--vae", from.resolve("text_encoder").toString())
        .assertRefused(ExitStatus.USER_ERROR, "found no vae");
    init(from).assertRefused(ExitStatus.USER_ERROR, "option --out: " + from, "expected a new or an empty folder");
    init(out, "--set", "unet.nothing=1").assertRefused(ExitStatus.USAGE, "unknown key unet.nothing");
    KilnProcess.runHere("export", "--checkpoint", from.toString(), "--out", out.toString())
        .assertRefused(ExitStatus.USER_ERROR, "option --checkpoint", "expected a run or a checkpoint", "pipeline folder");
    export(from).assertRefused(ExitStatus.USER_ERROR, "option --out: " + from);
    export(out, "--weights", "both").assertRefused(ExitStatus.USAGE, "option --weights", "found both");
    export(out, "--dtype", "int8").assertRefused(ExitStatus.USAGE, "option --dtype", "found int8");
    try (Stream<Path> left = Files.list(temporary)) {
      assertEquals(List.of(from), left.toList());
    }
  }
}
