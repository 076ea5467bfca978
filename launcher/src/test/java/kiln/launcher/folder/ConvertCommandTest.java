package kiln.launcher.folder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import java.util.stream.Stream;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import kiln.launcher.ranks.ExitStatus;
import kiln.model.graph.Shape;
import kiln.model.weights.SafetensorsFile;
import kiln.model.weights.SafetensorsType;
import kiln.model.weights.SafetensorsWriter;
import kiln.model.weights.WeightSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ConvertCommandTest {
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  @TempDir Path temporary;

  private static Outcome convert(Path from, Path to, String... more) {
    List<String> command = new ArrayList<>(List.of("convert", from.toString(), to.toString()));
    command.addAll(List.of(more));
    return KilnProcess.runHere(command.toArray(String[]::new));
  }

  /** Every tensor of {@code from} must be in {@code to}, rounded to bfloat16. */
  private static void assertRounded(Path from, Path to) {
    try (WeightSource source = WeightSource.open(from);
        WeightSource made = WeightSource.open(to)) {
      assertEquals(source.tensors().keySet(), made.tensors().keySet());
      for (String name : source.tensors().keySet()) {
        assertEquals(SafetensorsType.BF16, made.tensors().get(name).type());
        assertEquals(source.tensors().get(name).dims(), made.tensors().get(name).dims());
        MemorySegment expected = source.file(name).segment(name);
        MemorySegment actual = made.file(name).segment(name);
        for (long i = 0; i < expected.byteSize() / Float.BYTES; i++) {
          assertEquals(bfloat16(expected.get(FLOAT, i * Float.BYTES)), actual.get(SHORT, i * Short.BYTES), name);
        }
      }
    }
  }

  /** The nearest, ties to even, of a finite number. */
  private static short bfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    return (short) ((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
  }

  private List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void shouldConvertPipelineAndKeepTheRest() throws IOException {
    Path from = ModelFolders.pipeline(temporary.resolve("model"));
    ModelFolders.write(from.resolve("README.md"), "a model");
    ModelFolders.write(from.resolve(".git/config"), "hidden");
    ModelFolders.write(from.resolve("unet/diffusion_pytorch_model.bin"), "a pickle");
    ModelFolders.write(from.resolve("whole.ckpt"), "another form");
    Path to = temporary.resolve("half");
    String out = convert(from, to, "--dtype", "bf16").assertOk().out();
    assertTrue(out.contains("left out: unet/diffusion_pytorch_model.bin\n"), out);
    assertTrue(out.contains("left out: whole.ckpt\n"), out);

    List<Path> expected = new ArrayList<>(RunFiles.files(from));
    expected.removeIf(file -> file.toString().matches("\\.git.*|.*\\.bin|.*\\.ckpt"));
    assertEquals(expected, RunFiles.files(to));
    for (String component : List.of("unet", "vae", "text_encoder")) {
      assertRounded(from.resolve(component), to.resolve(component));
    }
    assertEquals("a model", Files.readString(to.resolve("README.md")));
    byte[] unetConfig = Files.readAllBytes(from.resolve("unet/config.json"));
    assertArrayEquals(unetConfig, Files.readAllBytes(to.resolve("unet/config.json")));
    JsonNode config = JsonMapper.builder().build().readTree(to.resolve("text_encoder/config.json"));
    assertEquals("bfloat16", config.get("torch_dtype").stringValue());
    assertEquals(List.of("half", "model"), names(temporary), "nothing else stays");
    assertFalse(KilnProcess.runHere("inspect", to.toString()).assertOk().out().contains("cannot be used"));
  }

  @Test
  void shouldShardAndJoinAgain() throws IOException {
    Path from = ModelFolders.textEncoder(temporary.resolve("byt5"));
    Path shards = temporary.resolve("shards");
    convert(from, shards, "--dtype", "float32", "--max-shard-size", "10KB").assertOk();
    assertTrue(names(shards).contains("model.safetensors.index.json"));
    Path joined = temporary.resolve("joined.safetensors");
    convert(shards.resolve("model.safetensors.index.json"), joined, "--dtype", "fp32").assertOk();
    try (SafetensorsFile expected = SafetensorsFile.open(from.resolve("model.safetensors"));
        SafetensorsFile actual = SafetensorsFile.open(joined)) {
      assertEquals(expected.tensors().keySet(), actual.tensors().keySet());
      for (String name : expected.tensors().keySet()) {
        assertEquals(-1, expected.segment(name).mismatch(actual.segment(name)), name);
      }
      assertEquals(Map.of("format", "pt"), actual.metadata());
    }
  }

  @Test
  void shouldConvertFilesAndVariants() throws IOException {
    Path file = ModelFolders.textEncoder(temporary.resolve("byt5")).resolve("model.safetensors");
    Path to = temporary.resolve("new/one.safetensors");
    convert(file, to, "--dtype", "bfloat16").assertOk();
    assertRounded(file, to);
    Path folder = temporary.resolve("folder");
    convert(file, folder, "--dtype", "bfloat16", "--max-shard-size", "1KiB").assertOk();
    assertRounded(file, folder);

    Path variant = ModelFolders.textEncoder(temporary.resolve("variant"));
    Files.move(variant.resolve("model.safetensors"), variant.resolve("model.fp16.safetensors"));
    Path plain = temporary.resolve("plain");
    convert(variant, plain, "--dtype", "bfloat16").assertOk();
    assertEquals(List.of("config.json", "model.safetensors"), names(plain));
  }

  @Test
  void shouldLeaveNothingBehindIfANumberDoesNotFit() throws IOException {
    Path from = Files.createDirectory(temporary.resolve("large"));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1, 70_000);
      SafetensorsWriter.Tensor tensor = SafetensorsWriter.Tensor.f32("steep", Shape.of(2), data);
      SafetensorsWriter.write(from.resolve("model.safetensors"), Map.of(), List.of(tensor));
    }
    Path to = temporary.resolve("half");
    convert(from, to, "--dtype", "fp16").assertRefused(ExitStatus.USER_ERROR, "steep", "70000");
    Path file = temporary.resolve("half.safetensors");
    convert(from.resolve("model.safetensors"), file, "--dtype", "fp16").assertRefused(ExitStatus.USER_ERROR, "steep");
    assertEquals(List.of("large"), names(temporary));
  }

  @Test
  void shouldRefuseWhatCannotBeConverted() throws IOException {
    Path from = ModelFolders.textEncoder(temporary.resolve("byt5"));
    Path to = temporary.resolve("to");
    convert(from, to).assertRefused(ExitStatus.USAGE, "option --dtype: missing");
    convert(from, to, "--dtype", "int8").assertRefused(ExitStatus.USAGE, "option --dtype: expected float32", "found int8");
    for (String size : List.of("0", "many", "-1GB", "1XB")) {
      convert(from, to, "--dtype", "bf16", "--max-shard-size=" + size)
          .assertRefused(ExitStatus.USAGE, "option --max-shard-size: expected bytes", "found " + size);
    }
    Path file = temporary.resolve("a.safetensors");
    convert(from.resolve("model.safetensors"), file, "--dtype", "bf16", "--max-shard-size", "1GB")
        .assertRefused(ExitStatus.USER_ERROR, "a.safetensors: found the name of one file");
    convert(from, from.resolve("inside"), "--dtype", "bf16")
        .assertRefused(ExitStatus.USER_ERROR, "expected a place outside");
    convert(from, from, "--dtype", "bf16").assertRefused(ExitStatus.USER_ERROR, "byt5: found something there");
    convert(TinyRuns.finished(), to, "--dtype", "bf16").assertRefused(ExitStatus.USER_ERROR, "checkpoint", "./kiln export");
    assertEquals(List.of("byt5"), names(temporary));
    assertEquals(List.of("config.json", "model.safetensors"), names(from));
  }
}
