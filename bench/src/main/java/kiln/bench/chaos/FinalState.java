package kiln.bench.chaos;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import kiln.launcher.checkpoint.RunFolder;
import kiln.launcher.telemetry.MetricsLog;
import kiln.launcher.telemetry.StepMetrics;
import kiln.model.weights.SafetensorsFile;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a run has computed, whichever files hold it: every tensor of a checkpoint (weights, averages, moments, frozen networks),
 * its record, and what the log says of every step.
 *
 * @param tensors SHA-256 of the bytes of each, by folder and name
 * @param record training.json without what tells how the run went
 * @param steps lines of metrics.jsonl, without speed and memory
 */
record FinalState(Map<String, String> tensors, ObjectNode record, List<List<Object>> steps) {
  private static final Set<String> CIRCUMSTANCES = Set.of("seconds", "ranks");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** {@code model.safetensors} or one of several that make it up. */
  private static final Pattern WEIGHTS = Pattern.compile("(.+?)(-\\d{5}-of-\\d{5})?\\.safetensors");

  /** A tensor in a file: the whole of it, or what follows its element {@code offset}. */
  private record Piece(Path file, String tensor, long offset) {}

  /**
   * Reads a checkpoint and the log of its run.
   *
   * @throws NotSurvivedException if something is missing
   */
  static FinalState read(Path run, int step) {
    Path checkpoint = new RunFolder(run).checkpoint(step);
    try {
      Map<String, String> tensors = new TreeMap<>();
      for (Map.Entry<String, List<Piece>> tensor : pieces(checkpoint).entrySet()) {
        tensors.put(tensor.getKey(), digest(tensor.getValue()));
      }
      ObjectNode record = JSON.readTree(checkpoint.resolve("training.json")).asObject().remove(CIRCUMSTANCES);
      record.withObject("preset").remove("save_every"); // how often it is saved is no matter of what is computed
      record.withObject("preset").remove("validation");
      return new FinalState(tensors, record, log(run));
    } catch (IOException e) {
      throw new NotSurvivedException(checkpoint + ": cannot be read (" + e + ")");
    }
  }

  private static List<List<Object>> log(Path run) throws IOException {
    List<List<Object>> steps = new ArrayList<>();
    for (StepMetrics m : MetricsLog.read(run.resolve("metrics.jsonl"))) {
      if (m.loss() != null) {
        steps.add(List.of(m.step(), m.loss(), m.gradNorm(), m.learningRate()));
      }
    }
    return steps;
  }

  /** Where the parts of each tensor lie. This reads the files by itself, so that it does not believe what it is to check. */
  private static Map<String, List<Piece>> pieces(Path checkpoint) throws IOException {
    Map<String, List<Piece>> pieces = new TreeMap<>();
    List<Path> files;
    try (Stream<Path> tree = Files.walk(checkpoint)) {
      files = tree.filter(file -> WEIGHTS.matcher(file.getFileName().toString()).matches()).sorted().toList();
    }
    for (Path file : files) {
      Matcher name = WEIGHTS.matcher(file.getFileName().toString());
      String stem = name.matches() ? name.group(1) : "";
      Path index = file.resolveSibling(stem + ".safetensors.index.json");
      JsonNode divided = Files.exists(index) ? JSON.readTree(index).path("pieces") : JSON.createObjectNode();
      String group = checkpoint.relativize(file.resolveSibling(stem)).toString();
      try (SafetensorsFile weights = SafetensorsFile.open(file)) {
        for (String tensor : weights.tensors().keySet()) {
          long offset = 0;
          for (JsonNode part : divided.path(tensor).path("parts")) {
            boolean here = part.path("file").asString("").equals(file.getFileName().toString());
            offset = here ? part.path("offset").longValue() : offset;
          }
          pieces.computeIfAbsent(group + "/" + tensor, _ -> new ArrayList<>()).add(new Piece(file, tensor, offset));
        }
      }
    }
    return pieces;
  }

  private static String digest(List<Piece> pieces) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      List<Piece> ordered = new ArrayList<>(pieces);
      ordered.sort((a, b) -> Long.compare(a.offset(), b.offset()));
      for (Piece piece : ordered) {
        try (SafetensorsFile file = SafetensorsFile.open(piece.file())) {
          MemorySegment bytes = file.segment(piece.tensor());
          digest.update(bytes.asByteBuffer());
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** In what another state differs from this one; empty if all bits are the same. */
  Optional<String> difference(FinalState other) {
    Set<String> names = new TreeSet<>(tensors.keySet());
    names.addAll(other.tensors.keySet());
    List<String> differing =
        names.stream().filter(name -> !Objects.equals(tensors.get(name), other.tensors.get(name))).toList();
    if (!differing.isEmpty()) {
      return Optional.of(differing.size() + " of " + names.size() + " tensors differ, as " + differing.getFirst());
    }
    if (!record.equals(other.record)) {
      return Optional.of("training.json differs: expected " + record + ", found " + other.record);
    }
    if (!steps.equals(other.steps)) {
      return Optional.of("metrics.jsonl differs: expected " + steps.size() + " steps, found " + other.steps.size());
    }
    return Optional.empty();
  }
}
