package kiln.launcher.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.TinyRuns;
import kiln.launcher.ranks.ExitStatus;
import kiln.model.graph.Shape;
import kiln.model.weights.SafetensorsFile;
import kiln.model.weights.SafetensorsWriter;
import kiln.model.weights.SafetensorsWriter.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints that are as they were written, but that a run cannot go on from. */
class BadCheckpointTest {
  private static final String UNET = "unet/diffusion_pytorch_model.safetensors";
  private static final String TENSOR = "conv_in.weight";

  @TempDir Path temporary;
  private Path run;
  private Path checkpoint;

  @BeforeEach
  void copyRun() {
    run = TinyRuns.copy(TinyRuns.finished(), temporary.resolve("run"));
    TinyRuns.delete(run.resolve("checkpoints/step-000012"));
    checkpoint = run.resolve("checkpoints/step-000006");
  }

  /** Going on is refused with one line, and leaves every file as it was. */
  private void assertRefused(String... parts) throws IOException {
    assertRefused(List.of(), parts);
  }

  private void assertRefused(List<String> options, String... parts) throws IOException {
    Map<Path, String> before = contents();
    List<String> more = new ArrayList<>(List.of("--resume"));
    more.addAll(options);
    Outcome outcome = KilnProcess.run(TinyRuns.train(run, more.toArray(String[]::new)));
    outcome.assertRefused(ExitStatus.USER_ERROR, parts);
    assertEquals(before, contents());
  }

  private Map<Path, String> contents() throws IOException {
    Map<Path, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(run)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        contents.put(file, Files.readString(file, StandardCharsets.ISO_8859_1));
      }
    }
    return contents;
  }

  /** Writes a file of tensors anew, with others. */
  private void rewrite(Path file, UnaryOperator<List<Tensor>> change) throws IOException {
    Path aside = file.resolveSibling("changed");
    try (SafetensorsFile old = SafetensorsFile.open(file)) {
      List<Tensor> tensors = new ArrayList<>();
      old.tensors().forEach((name, entry) -> tensors.add(new Tensor(name, entry.type(), entry.shape(), old.segment(name))));
      SafetensorsWriter.writeChecked(aside, Map.of("format", "pt"), change.apply(tensors));
    }
    Files.move(aside, file, StandardCopyOption.REPLACE_EXISTING);
    declareWhole();
  }

  /** Has the manifest say of every file what it now is, as if it had been written so. */
  private void declareWhole() throws IOException {
    Files.delete(checkpoint.resolve(CheckpointManifest.FILE));
    CheckpointManifest.of(checkpoint, 6).write(checkpoint);
  }

  private static Tensor find(List<Tensor> tensors) {
    return tensors.stream().filter(tensor -> tensor.name().equals(TENSOR)).findFirst().orElseThrow();
  }

  @Test
  void shouldRefuseOtherPreset() {
    String[] command = {
      "train", "--preset", "tiny-vae", "--data", TinyRuns.data().toString(), "--out", run.toString(), "--resume"
    };
    KilnProcess.runHere(command)
        .assertRefused(ExitStatus.USER_ERROR, checkpoint.toString(), "expected preset tiny-vae, found tiny");
  }

  @Test
  void shouldRefuseOtherNetworkOfSamePreset() throws IOException {
    assertRefused(
        List.of("--set", "unet.norm_num_groups=8"), checkpoint.toString(), "expected unet.norm_num_groups 8, found 4");
  }

  @Test
  void shouldRefuseOtherSeedBatchAndData() throws IOException {
    assertRefused(List.of("--seed", "1"), "--seed", "found 1");
    assertRefused(List.of("--set", "batch=16"), "batch 8, found 16");
    Path other = temporary.resolve("other");
    KilnProcess.runHere(
            "data", "typography", "--out", other.toString(), "--count", "64", "--validation-count", "16",
            "--block-size", "8", "--caption-length", "32", "--seed", "9")
        .assertOk();
    KilnProcess.run(TinyRuns.trainOn(other, run, "--resume"))
        .assertRefused(ExitStatus.USER_ERROR, "option --data: " + other, "is not the data", checkpoint.toString());
  }

  @Test
  void shouldRefuseMissingTensor() throws IOException {
    rewrite(checkpoint.resolve(UNET), tensors -> tensors.stream().filter(t -> !t.name().equals(TENSOR)).toList());
    assertRefused(UNET, "found no tensor " + TENSOR, "expected");
  }

  @Test
  void shouldRefuseExtraTensor() throws IOException {
    rewrite(
        checkpoint.resolve(UNET),
        tensors -> {
          Tensor known = find(tensors);
          tensors.add(new Tensor("conv_in.weights", known.type(), known.shape(), known.data()));
          return tensors;
        });
    assertRefused(UNET, "conv_in.weights");
  }

  @Test
  void shouldRefuseMisshapenTensor() throws IOException {
    rewrite(
        checkpoint.resolve("ema").resolve(UNET),
        tensors -> {
          Tensor known = find(tensors);
          int[] dims = known.shape().dims();
          Shape turned = Shape.of(dims[1], dims[0], dims[2], dims[3]);
          tensors.set(tensors.indexOf(known), new Tensor(TENSOR, known.type(), turned, known.data()));
          return tensors;
        });
    assertRefused("ema/" + UNET, TENSOR, "[16, 4, 3, 3]", "[4, 16, 3, 3]");
  }

  @Test
  void shouldRefuseRecordOfOtherVersion() throws IOException {
    Path record = checkpoint.resolve("training.json");
    Files.writeString(record, Files.readString(record).replaceFirst("\"format_version\" : 2", "\"format_version\" : 3"));
    declareWhole();
    assertRefused(record.toString(), "format_version: expected 2, found 3");
  }

  @Test
  void shouldNotRemoveCheckpointOfTheVersionThatHadNoManifest() throws IOException {
    Path record = checkpoint.resolve("training.json");
    Files.writeString(record, Files.readString(record).replaceFirst("\"format_version\" : 2", "\"format_version\" : 1"));
    Files.delete(checkpoint.resolve(CheckpointManifest.FILE));
    assertRefused(record.toString(), "format_version: expected 2, found 1");
  }

  @Test
  void shouldNotOverwriteAnEarlierRun() {
    KilnProcess.runHere(TinyRuns.train(run))
        .assertRefused(ExitStatus.USER_ERROR, "option --out", "step-000006", "add --resume or choose another folder");
  }

  @Test
  void shouldRefuseAutoencoderThatIsNone() throws IOException {
    Path out = temporary.resolve("other");
    String data = TinyRuns.data().toString();
    String[] command = {"train", "--preset", "tiny", "--data", data, "--out", out.toString(), "--vae", ""};
    command[command.length - 1] = temporary.resolve("nowhere").toString();
    KilnProcess.runHere(command).assertRefused(ExitStatus.USER_ERROR, "option --vae", "nowhere", "found nothing there");
    command[command.length - 1] = Files.createDirectory(temporary.resolve("empty")).toString();
    KilnProcess.runHere(command).assertRefused(ExitStatus.USER_ERROR, "option --vae", "empty", "expected a model");
  }
}
