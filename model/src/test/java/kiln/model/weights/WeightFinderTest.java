package kiln.model.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import kiln.bindings.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class WeightFinderTest {
  @TempDir Path folder;

  private Path file(String name) throws IOException {
    return Files.createFile(folder.resolve(name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model.safetensors",
        "diffusion_pytorch_model.safetensors",
        "model.safetensors.index.json",
        "diffusion_pytorch_model.safetensors.index.json",
        "model.fp16.safetensors",
        "diffusion_pytorch_model.non_ema.safetensors",
        "model.safetensors.index.fp16.json",
        "diffusion_pytorch_model.safetensors.fp16.index.json"
      })
  void shouldFindTheOnlyWeights(String name) throws IOException {
    Path file = file(name);
    file("config.json");
    file("pytorch_model.bin");
    file("model-00001-of-00002.safetensors");
    assertEquals(file, WeightFinder.find(folder));
    assertEquals(Optional.of(file), WeightFinder.findIn(folder));
  }

  @Test
  void shouldTakeAVariantOnlyWhereNothingElseIsThere() throws IOException {
    file("model.fp16.safetensors");
    Path plain = file("model.safetensors");
    assertEquals(plain, WeightFinder.find(folder));
  }

  @Test
  void shouldAskWhichOfSeveralVariantsIsMeant() throws IOException {
    file("model.fp16.safetensors");
    file("model.non_ema.safetensors");
    UserException e = assertThrows(UserException.class, () -> WeightFinder.find(folder));
    String expected = ": found [model.fp16.safetensors, model.non_ema.safetensors], expected one of them, or name the file";
    assertEquals(folder + expected, e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"pytorch_model.bin", "model.ckpt", "V1.CKPT", "diffusion_pytorch_model.bin", "a.pt", "a.pth"})
  void shouldRefusePickles(String name) throws IOException {
    Path file = file(name);
    for (Path from : new Path[] {file, folder}) {
      UserException e = assertThrows(UserException.class, () -> WeightSource.open(from).close());
      assertTrue(e.getMessage().startsWith(from + ": found " + name + ", a pickle"), e.getMessage());
      assertTrue(e.getMessage().contains("safe_serialization"), e.getMessage());
      assertEquals(1, e.getMessage().lines().count());
    }
  }

  @Test
  void shouldNameTheFolderWithoutWeights() throws IOException {
    file("model-00001-of-00002.safetensors");
    UserException e = assertThrows(UserException.class, () -> WeightFinder.find(folder));
    String expected =
        ": found no weight file, expected diffusion_pytorch_model.safetensors, model.safetensors or an .index.json";
    assertEquals(folder + expected, e.getMessage());
    assertEquals(Optional.empty(), WeightFinder.findIn(folder));
  }
}
