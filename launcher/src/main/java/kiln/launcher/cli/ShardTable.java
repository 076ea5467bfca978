package kiln.launcher.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import kiln.launcher.parallel.ShardMemory;
import kiln.launcher.parallel.ShardMode;

/** What each rank keeps of the training state, whatever is divided, beside what the formulas of ZeRO say. */
final class ShardTable {
  private static final double GIGA = 1e9;
  private static final String NOTES =
      """
      ZeRO-1, -2, -3: the formulas for N ranks, 4 bytes a parameter for weights, gradients, either moment and the average
      (2 more for weights in bfloat16), what is divided counted 1/N. Beside them what Kiln takes, with what is there for a
      while only: other ranks' weights that are being used, gradients under way. Copy: what each rank copies of it, if there
      is memory for that, to write checkpoints beside training.
      """;

  private ShardTable() {}

  static void print(PrintWriter out, List<ShardMemory> shards) {
    TextTable table =
        new TextTable(
            "training state per rank, GB", "--shard none>", "optimizer>", "ZeRO-1>", "gradients>", "ZeRO-2>", "parameters>",
            "ZeRO-3>", "copy>");
    int modes = ShardMode.values().length;
    for (int i = 0; i < shards.size(); i += modes) {
      ShardMemory none = shards.get(i);
      ShardMemory optimizer = shards.get(i + ShardMode.OPTIMIZER.ordinal());
      ShardMemory gradients = shards.get(i + ShardMode.GRADIENTS.ordinal());
      ShardMemory parameters = shards.get(i + ShardMode.PARAMETERS.ordinal());
      table.add(
          none.ranks() == 1 && i == 0 ? "1 rank" : optimizer.ranks() + " ranks",
          giga(none.step()), giga(optimizer.step()), giga(optimizer.formula()), giga(gradients.step()),
          giga(gradients.formula()), giga(parameters.step()), giga(parameters.formula()), giga(parameters.saving()));
    }
    table.print(out);
    NOTES.lines().forEach(out::println);
  }

  private static String giga(long bytes) {
    return String.format(Locale.ROOT, "%,.3f", bytes / GIGA);
  }
}
