package kiln.launcher.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import kiln.data.text.Tokenizers;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import kiln.launcher.ranks.ExitStatus;
import kiln.model.weights.SafetensorsFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Training that begins with the weights of another model. */
class InitialModelTest {
  private static final String UNET = "unet/diffusion_pytorch_model.safetensors";
  private static final String TEXT_ENCODER = "text_encoder/model.safetensors";
  private static final String VAE = "vae/diffusion_pytorch_model.safetensors";

  @TempDir Path temporary;

  /** Trains preset tiny for one step, whose learning rate is 0, since it rises from there. */
  private static String[] oneStep(Path out, Path init, String... more) {
    String[] command = {
      "train", "--preset", "tiny", "--data", TinyRuns.data().toString(), "--out", out.toString(), "--init", init.toString(),
      "--steps", "1", "--set", "optimizer.warmup_steps=1"
    };
    return Stream.concat(Stream.of(command), Stream.of(more)).toArray(String[]::new);
  }

  private static void assertSameFile(Path expected, Path actual) throws IOException {
    assertArrayEquals(Files.readAllBytes(expected), Files.readAllBytes(actual), actual::toString);
  }

  @Test
  void shouldBeginWithTheAveragedWeightsOfARunAndItsAutoencoder() throws IOException {
    Path run = temporary.resolve("run");
    KilnProcess.run(oneStep(run, TinyRuns.finished())).assertOk();
    Path from = RunFiles.checkpoint(TinyRuns.finished(), 12);
    Path to = RunFiles.checkpoint(run, 1);
    assertSameFile(from.resolve("ema").resolve(UNET), to.resolve(UNET));
    assertSameFile(from.resolve("ema").resolve(TEXT_ENCODER), to.resolve(TEXT_ENCODER));
    assertSameFile(from.resolve(VAE), to.resolve(VAE));
  }

  @Test
  void shouldLeaveTheTextEncoderAsItIs() throws IOException {
    Path run = temporary.resolve("run");
    Path model = TinyRuns.copy(RunFiles.checkpoint(TinyRuns.finished(), 12), temporary.resolve("model"));
    String[] frozen = {"--set", "train_text_encoder=false", "--set", "optimizer.warmup_steps=0", "--steps", "2"};
    String[] command = {
      "train", "--preset", "tiny", "--data", TinyRuns.data().toString(), "--out", run.toString(),
      "--init", model.toString()
    };
    KilnProcess.run(Stream.concat(Stream.of(command), Stream.of(frozen)).toArray(String[]::new)).assertOk();
    Path from = RunFiles.checkpoint(TinyRuns.finished(), 12);
    Path to = RunFiles.checkpoint(run, 2);
    assertSameFile(from.resolve("ema").resolve(TEXT_ENCODER), to.resolve(TEXT_ENCODER));
    assertFalse(Files.exists(to.resolve("ema/text_encoder")));
    assertFalse(Files.mismatch(from.resolve("ema").resolve(UNET), to.resolve(UNET)) < 0);
    try (SafetensorsFile moments = SafetensorsFile.open(to.resolve("optimizer/exp_avg.safetensors"))) {
      assertTrue(moments.tensors().keySet().stream().allMatch(name -> name.startsWith("unet.")));
    }

    frozen[frozen.length - 1] = "3";
    TinyRuns.delete(model);
    Stream<String> resumed = Stream.concat(Stream.of(command), Stream.of(frozen));
    KilnProcess.run(Stream.concat(resumed, Stream.of("--resume")).toArray(String[]::new)).assertOk();
    assertSameFile(to.resolve(TEXT_ENCODER), RunFiles.checkpoint(run, 3).resolve(TEXT_ENCODER));
    KilnProcess.runHere(TinyRuns.train(run, "--resume"))
        .assertRefused(ExitStatus.USER_ERROR, "expected train_text_encoder true, found false");
  }

  @Test
  void shouldSayThatTheNoiseIsAnother() throws IOException {
    Path model = TinyRuns.copy(RunFiles.checkpoint(TinyRuns.finished(), 12), temporary.resolve("model"));
    Path scheduler = model.resolve("scheduler/scheduler_config.json");
    Files.writeString(scheduler, Files.readString(scheduler).replace("epsilon", "v_prediction"));
    Outcome outcome = KilnProcess.run(oneStep(temporary.resolve("run"), model)).assertOk();
    String note = "prediction_type was \"v_prediction\", preset tiny goes on with \"epsilon\"";
    assertTrue(outcome.out().contains("note: " + scheduler + ": " + note), outcome::toString);
  }

  @Test
  void shouldRefuseOtherModels() throws IOException {
    Path run = temporary.resolve("run");
    Path model = TinyRuns.copy(RunFiles.checkpoint(TinyRuns.finished(), 12), temporary.resolve("model"));
    Path config = model.resolve("ema/unet/config.json");
    Files.writeString(config, Files.readString(config).replace("\"norm_num_groups\" : 4", "\"norm_num_groups\" : 8"));
    KilnProcess.runHere(oneStep(run, model))
        .assertRefused(ExitStatus.USER_ERROR, config.toString(), "norm_num_groups: found 8, expected 4", "preset tiny");
    KilnProcess.runHere(oneStep(run, TinyRuns.vae())).assertRefused(ExitStatus.USER_ERROR, "found no unet among vae");
    TinyRuns.delete(model.resolve("text_encoder"));
    KilnProcess.runHere(oneStep(run, model)).assertRefused(ExitStatus.USER_ERROR, "option --init", "text_encoder");
    KilnProcess.runHere(oneStep(run, temporary.resolve("nowhere")))
        .assertRefused(ExitStatus.USER_ERROR, "option --init", "nowhere", "found nothing there");
    KilnProcess.runHere(oneStep(run, Files.createDirectory(temporary.resolve("empty"))))
        .assertRefused(ExitStatus.USER_ERROR, "option --init", "empty", "expected a model");
    KilnProcess.runHere(TinyRuns.train(run, "--set", "train_text_encoder=false"))
        .assertRefused(ExitStatus.USER_ERROR, "train_text_encoder", "found no --init");
    KilnProcess.runHere(TinyRuns.train(run, "--set", "text_encoder.d_model=48"))
        .assertRefused(ExitStatus.USER_ERROR, "unet.cross_attention_dim: found 32, expected 48 as text_encoder.d_model");
    assertFalse(Files.exists(run));
  }

  @Test
  void shouldMakeCheckpointsPipelineFolders() {
    Path checkpoint = RunFiles.checkpoint(TinyRuns.finished(), 12);
    JsonNode index = JsonMapper.builder().build().readTree(checkpoint.resolve("model_index.json"));
    Map<String, String> classes =
        Map.of(
            "unet", "[\"diffusers\",\"UNet2DConditionModel\"]",
            "text_encoder", "[\"transformers\",\"T5EncoderModel\"]",
            "vae", "[\"diffusers\",\"AutoencoderKL\"]",
            "scheduler", "[\"diffusers\",\"DDIMScheduler\"]",
            "tokenizer", "[\"transformers\",\"ByT5Tokenizer\"]",
            "safety_checker", "[null,null]");
    classes.forEach((folder, expected) -> assertEquals(expected, index.get(folder).toString(), folder));
    assertEquals("StableDiffusionPipeline", index.get("_class_name").stringValue());
    assertEquals(32, Tokenizers.open(checkpoint.resolve("tokenizer")).maxLength()); // as the captions of the data
  }
}
