package kiln.launcher.encode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import kiln.launcher.KilnProcess;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import kiln.launcher.ranks.ExitStatus;
import kiln.launcher.telemetry.StepMetrics;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training on what frozen networks have made of a data set, beside training on the data set itself. */
class EncodedTrainingTest {
  private static final int STEPS = 20;

  /** Relative; what was kept has 8 bits, and its errors cancel out in a loss of some thousand numbers. Seen: 1e-4. */
  private static final double LOSSES = 2e-3;

  private static final String TEXT_ENCODER = "text_encoder/model.safetensors";
  private static final String VAE = "vae/diffusion_pytorch_model.safetensors";

  @TempDir private static Path shared;
  private static Path latents;
  private static Path withText;

  @TempDir Path temporary;

  @BeforeAll
  static void encode() {
    latents = shared.resolve("latents");
    KilnProcess.run(
            "data", "encode", "--data", TinyRuns.data().toString(), "--vae", TinyRuns.vae().toString(), "--out",
            latents.toString(), "--ranks", "2")
        .assertOk();
    withText = shared.resolve("with-text");
    KilnProcess.run(
            "data", "encode", "--data", TinyRuns.data().toString(), "--vae", TinyRuns.finished().toString(),
            "--text-encoder", TinyRuns.finished().toString(), "--out", withText.toString())
        .assertOk();
  }

  private static String[] train(Path data, Path out, String... more) {
    List<String> command = new ArrayList<>(List.of("train", "--preset", "tiny", "--data", data.toString()));
    command.addAll(List.of("--out", out.toString()));
    command.addAll(List.of(more));
    return command.toArray(String[]::new);
  }

  private static void assertSameLosses(Path expectedRun, Path actualRun) {
    List<StepMetrics> expected = RunFiles.metrics(expectedRun);
    List<StepMetrics> actual = RunFiles.metrics(actualRun);
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      assertSame(expected.get(i).step(), expected.get(i).loss(), actual.get(i).loss());
      assertSame(expected.get(i).step(), expected.get(i).validationLoss(), actual.get(i).validationLoss());
    }
  }

  private static void assertSame(long step, Double expected, Double actual) {
    assertEquals(expected == null, actual == null, "step=" + step);
    if (expected != null) {
      assertEquals(expected, actual, LOSSES * expected, "step=" + step);
    }
  }

  @Test
  void shouldTrainJointlyWithTheSameLossesAndMakeACompletePipeline() throws IOException {
    Path run = temporary.resolve("run");
    KilnProcess.run(train(latents, run, "--ranks", "2")).assertOk();
    assertSameLosses(TinyRuns.finished(), run);
    Path from = RunFiles.checkpoint(TinyRuns.finished(), 12);
    Path to = RunFiles.checkpoint(run, 12);
    assertEquals(documents(from), documents(to));
    assertEquals(RunFiles.weights(from).length, RunFiles.weights(to).length);
    assertEquals(-1, Files.mismatch(from.resolve(VAE), to.resolve(VAE)));

    KilnProcess.run(train(latents, run, "--resume")).assertOk();
  }

  /** All files but those of weights, of which there are more where more ranks write. */
  private static List<Path> documents(Path checkpoint) {
    return RunFiles.files(checkpoint).stream().filter(file -> !file.toString().contains(".safetensors")).toList();
  }

  /** Twenty steps with the text encoder left as it is. */
  @Test
  void shouldTrainOnEncodedCaptionsWithTheSameLosses() throws IOException {
    String[] frozen = {
      "--init", TinyRuns.finished().toString(), "--set", "train_text_encoder=false", "--steps", Integer.toString(STEPS),
      "--set", "loss.caption_dropout=0.3"
    };
    Path plain = temporary.resolve("plain");
    Path ahead = temporary.resolve("ahead");
    KilnProcess.run(train(TinyRuns.data(), plain, frozen)).assertOk();
    KilnProcess.run(train(withText, ahead, frozen)).assertOk();
    assertSameLosses(plain, ahead);
    Path from = RunFiles.checkpoint(plain, STEPS);
    Path to = RunFiles.checkpoint(ahead, STEPS);
    assertEquals(RunFiles.files(from), RunFiles.files(to));
    assertEquals(-1, Files.mismatch(from.resolve(TEXT_ENCODER), to.resolve(TEXT_ENCODER)));
  }

  /** The data set has all that training needs, wherever its models have gone since. */
  @Test
  void shouldTakeTheModelsFromTheDataSet() throws IOException {
    Path run = temporary.resolve("run");
    KilnProcess.run(train(withText, run, "--set", "train_text_encoder=false", "--steps", "2")).assertOk();
    Path to = RunFiles.checkpoint(run, 2);
    assertEquals(-1, Files.mismatch(withText.resolve(VAE), to.resolve(VAE)));
    assertEquals(-1, Files.mismatch(withText.resolve(TEXT_ENCODER), to.resolve(TEXT_ENCODER)));
  }

  @Test
  void shouldRefuseOtherModels() throws IOException {
    Path run = temporary.resolve("run");
    Path other = TinyRuns.copy(latents.resolve("vae"), temporary.resolve("vae"));
    Path weights = other.resolve("diffusion_pytorch_model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 2] ^= 1; // of the last number
    Files.write(weights, bytes);
    KilnProcess.runHere(train(latents, run, "--vae", other.toString()))
        .assertRefused(ExitStatus.USER_ERROR, "option --data: " + latents, "another autoencoder than " + other);
    Path model = TinyRuns.copy(RunFiles.checkpoint(TinyRuns.finished(), 12), temporary.resolve("model"));
    Path raw = model.resolve(TEXT_ENCODER); // the weights of the last step in the place of the average
    Files.copy(raw, model.resolve("ema").resolve(TEXT_ENCODER), StandardCopyOption.REPLACE_EXISTING);
    KilnProcess.runHere(train(withText, run, "--init", model.toString(), "--set", "train_text_encoder=false"))
        .assertRefused(ExitStatus.USER_ERROR, "option --data: " + withText, "another text encoder than ");
    assertFalse(Files.exists(run));
  }

  @Test
  void shouldRefuseWhatIsOfAnEarlierVersionOfTheData() throws IOException {
    Path data = TinyRuns.copy(TinyRuns.data(), temporary.resolve("data"));
    Path encoded = TinyRuns.copy(latents, temporary.resolve("encoded"));
    Path origin = encoded.resolve("encoded.json");
    Files.writeString(origin, Files.readString(origin).replace(TinyRuns.data().toString(), data.toString()));
    Path manifest = data.resolve("dataset.json");
    Files.writeString(manifest, Files.readString(manifest).replaceFirst("\"source\"", " \"source\""));
    KilnProcess.runHere(train(encoded, temporary.resolve("run")))
        .assertRefused(ExitStatus.USER_ERROR, "option --data: " + encoded, "earlier version of " + data);
  }

  @Test
  void shouldRefuseToTrainAnAutoencoderOnLatents() {
    String out = temporary.resolve("run").toString();
    KilnProcess.runHere("train", "--preset", "tiny-vae", "--data", latents.toString(), "--out", out)
        .assertRefused(ExitStatus.USER_ERROR, "option --data: " + latents, "expected pictures");
  }

  @Test
  void shouldExplainThatFrozenNetworksAreNotRun() {
    String[] peaks = {"--peak-product", "500", "--peak-copy", "20", "--json"};
    String encoded = KilnProcess.runHere(explain(peaks, "--encoded")).assertOk().out();
    String plain = KilnProcess.runHere(explain(peaks)).assertOk().out();
    String mapped = "frozen weights as they lie in their files";
    assertTrue(plain.contains(mapped), plain);
    assertFalse(encoded.contains(mapped), encoded);
  }

  private static String[] explain(String[] peaks, String... more) {
    List<String> command = new ArrayList<>(List.of("explain", "--preset", "tiny"));
    command.addAll(List.of(peaks));
    command.addAll(List.of(more));
    return command.toArray(String[]::new);
  }
}
