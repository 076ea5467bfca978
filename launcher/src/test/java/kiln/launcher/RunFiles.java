package kiln.launcher;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import kiln.launcher.telemetry.MetricsLog;
import kiln.launcher.telemetry.StepMetrics;
import kiln.model.weights.SafetensorsWriter;
import kiln.model.weights.WeightSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What a run has left in its folder. */
public final class RunFiles {
  /** Fields of training.json that tell how a run went, not what it computed. */
  private static final Set<String> CIRCUMSTANCES = Set.of("seconds", "ranks", "sharding");

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private RunFiles() {}

  public static Path checkpoint(Path run, int step) {
    return run.resolve("checkpoints").resolve("step-%06d".formatted(step));
  }

  /** Whether two runs have computed the same numbers: all files of their checkpoints byte by byte, and their metrics. */
  public static void assertSame(Path expectedRun, Path actualRun, int step) {
    Path expected = checkpoint(expectedRun, step);
    Path actual = checkpoint(actualRun, step);
    assertEquals(files(expected), files(actual));
    for (Path file : files(expected)) {
      if (file.endsWith("training.json")) {
        assertEquals(record(expected.resolve(file)), record(actual.resolve(file)));
      } else if (!file.endsWith("manifest.json")) { // which has the checksum of that
        assertArrayEquals(bytes(expected.resolve(file)), bytes(actual.resolve(file)), file::toString);
      }
    }
    assertEquals(metrics(expectedRun), metrics(actualRun));
  }

  /** The files of a folder, relative to it. */
  public static List<Path> files(Path folder) {
    try (Stream<Path> tree = Files.walk(folder)) {
      return tree.filter(Files::isRegularFile).map(folder::relativize).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ObjectNode record(Path file) {
    return JSON.readTree(file).asObject().remove(CIRCUMSTANCES);
  }

  /** All lines of metrics.jsonl without speed and memory. */
  public static List<StepMetrics> metrics(Path run) {
    return metricsOf(run).stream()
        .map(m -> new StepMetrics(
            m.step(), m.loss(), m.gradNorm(), m.learningRate(), null, null, null, null, null, null, null, null, null, null,
            m.validationLoss()))
        .toList();
  }

  /** All lines of metrics.jsonl. */
  public static List<StepMetrics> metricsOf(Path run) {
    try {
      return MetricsLog.read(run.resolve("metrics.jsonl"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All tensors of a folder or a file by name, sorted, whatever files and pieces they lie in. */
  public static Map<String, float[]> tensors(Path from) {
    Map<String, float[]> tensors = new TreeMap<>();
    try (WeightSource source = WeightSource.open(from);
        Arena arena = Arena.ofConfined()) {
      for (String name : source.tensors().keySet()) {
        SafetensorsWriter.Tensor tensor = source.tensor(name);
        MemorySegment numbers = arena.allocate(tensor.bytes(), Float.BYTES);
        tensor.data().read(0, numbers);
        tensors.put(name, numbers.toArray(ValueLayout.JAVA_FLOAT));
      }
    }
    return tensors;
  }

  /** All trained weights of a checkpoint, one network after the other, by name. */
  public static float[] weights(Path checkpoint) {
    Map<String, float[]> tensors = new LinkedHashMap<>();
    for (String network : List.of("unet", "text_encoder")) {
      tensors.putAll(tensors(checkpoint.resolve(network)));
    }
    List<float[]> parts = new ArrayList<>(tensors.values());
    float[] all = new float[parts.stream().mapToInt(part -> part.length).sum()];
    int at = 0;
    for (float[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }
}
