package kiln.bench.gpu.check;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import kiln.model.Comparison;
import kiln.model.train.GradientExchange;
import kiln.model.train.TrajectoryRun;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Trainings. */
final class TrainingCases {
  private static final String PRESET = "tiny-vae";
  private static final int SAMPLES = 32;
  private static final int SIDE = 32;
  private static final int BLOCK_SIZE = 8;
  private static final int STEPS = 4;

  /** A tenth of the preset's learning rate, which is how far a step may move a weight. */
  private static final double WEIGHT_BOUND = 2e-4;

  private TrainingCases() {}

  static List<CheckCase> trajectory(CheckSettings settings) {
    return IntStream.of(1, 4)
        .mapToObj(n -> CheckCase.of("in " + n + (n == 1 ? " micro-batch" : " micro-batches"), (_, backend) ->
            Findings.compared(() -> {
              try (TrajectoryRun run = new TrajectoryRun(backend.get(), 0, 1, n, _ -> GradientExchange.NONE)) {
                run.check();
              }
            })))
        .toList();
  }

  /** By the command line, on the same GPU. */
  static List<CheckCase> ranks(CheckSettings settings) {
    return List.of(CheckCase.of(PRESET + ", " + STEPS + " steps", (given, _) -> compareRanks(given)));
  }

  private static Findings compareRanks(CheckSettings given) throws IOException, InterruptedException {
    // Ranks would take turns among several GPUs if none were named.
    CheckSettings settings = given.isCuda() && given.device() == null ? new CheckSettings(given.backend(), 0, given.out()) : given;
    Path folder = settings.out().resolve("ranks");
    Path data = TrainingData.make(folder, SAMPLES, SIDE, BLOCK_SIZE);
    for (int ranks = 1; ranks <= 2; ranks++) {
      List<String> command = new ArrayList<>();
      command.addAll(List.of("train", "--preset", PRESET, "--data", data.toString()));
      command.addAll(List.of("--out", folder.resolve(ranks + "-rank").toString(), "--steps", Integer.toString(STEPS)));
      command.addAll(List.of("--ranks", Integer.toString(ranks), "--transport", "local"));
      command.addAll(List.of(settings.options()));
      OtherProcess.kiln(command).requireWell("kiln train with --ranks " + ranks);
    }
    OtherProcess.Outcome said =
        OtherProcess.kiln(
            List.of("checkpoint", "diff", "--json", folder.resolve("1-rank").toString(), folder.resolve("2-rank").toString()));
    return new Findings(differences(said), List.of());
  }

  private static List<Comparison> differences(OtherProcess.Outcome said) {
    String text = said.lines().stream().dropWhile(line -> !line.equals("{")).collect(Collectors.joining("\n"));
    if (text.isEmpty()) {
      throw new IllegalStateException("kiln checkpoint diff: " + said.last());
    }
    JsonNode sets = JsonMapper.shared().readTree(text).required("sets");
    List<Comparison> all = new ArrayList<>();
    sets.propertyStream().forEach(set -> {
      JsonNode total = set.getValue().required("total");
      double difference = total.required("not_comparable").longValue() > 0 ? Double.NaN : total.required("max_absolute").doubleValue();
      boolean same = set.getValue().required("only_in_a").isEmpty() && set.getValue().required("only_in_b").isEmpty();
      all.add(Comparison.equal(set.getKey() + ": tensors of both", same, "the same names"));
      all.add(new Comparison(set.getKey() + ": weights", difference, WEIGHT_BOUND, total.toString()));
    });
    return all;
  }
}
