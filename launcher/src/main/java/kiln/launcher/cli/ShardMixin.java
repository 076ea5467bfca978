package kiln.launcher.cli;

import java.util.Locale;
import kiln.launcher.parallel.ShardMode;
import kiln.launcher.parallel.Sharding;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What ranks divide among themselves. */
final class ShardMixin {
  @Option(
      names = "--shard",
      paramLabel = "WHAT",
      defaultValue = "none",
      description = {
        "What ranks divide among themselves instead of each keeping all of it: none, optimizer (moments and moving average:",
        "ZeRO-1), gradients (and gradients: ZeRO-2) or parameters (and weights: ZeRO-3). Losses are the same; each mode takes less",
        "memory per rank, the last one also more communication. A run may be resumed with another one."
      })
  private String mode;

  @Option(
      names = "--shard-group",
      paramLabel = "RANKS",
      description = {
        "Among which ranks: all, node (those of each machine, which keep everything together) or a number of neighbours.",
        "All if not given."
      })
  private String group;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  Sharding sharding() {
    ShardMode found = null;
    for (ShardMode known : ShardMode.values()) {
      if (known.toString().equals(mode.toLowerCase(Locale.ROOT))) {
        found = known;
      }
    }
    if (found == null) {
      throw refusal("--shard: expected none, optimizer, gradients or parameters, found " + mode);
    }
    if (found == ShardMode.NONE && group != null) {
      throw refusal("--shard-group: expected --shard optimizer, gradients or parameters with it, found none");
    }
    return new Sharding(found, group == null ? Sharding.ALL : ranks());
  }

  private int ranks() {
    return switch (group.toLowerCase(Locale.ROOT)) {
      case "all" -> Sharding.ALL;
      case "node" -> Sharding.NODE;
      default -> {
        if (!group.matches("[1-9][0-9]{0,8}")) {
          throw refusal("--shard-group: expected all, node or a number of ranks, found " + group);
        }
        yield Integer.parseInt(group);
      }
    };
  }

  private ParameterException refusal(String line) {
    return new ParameterException(spec.commandLine(), "option " + line);
  }
}
