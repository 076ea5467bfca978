package kiln.launcher.cli;

import java.util.List;
import kiln.data.input.Inputs;
import kiln.data.prepare.PreparationOptions;
import kiln.data.source.MixedSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kiln data mix}. */
@Command(
    name = "mix",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    sortOptions = false,
    description = {
      "Samples of several sources in one data set, drawn by weights.",
      "",
      "Each training sample is the next of a source that is drawn by the weights and --seed. Samples for validation are those of"
          + " all sources. All pictures get the sizes of --size or --aspect-ratios."
    })
final class MixCommand implements Runnable {
  @Mixin private BuildMixin build;

  @Option(
      names = "--mix",
      required = true,
      paramLabel = "SOURCE=WEIGHT",
      description = {
        "Sources and how often each is drawn, as in --mix pictures=0.7,stamps=0.3; may be given more than once. A source is stamps"
            + " or typography with what ./kiln data stamps or typography does if nothing else is said; or a location as"
            + " ./kiln data webdataset (.tar, .tgz, …), parquet (.parquet), jsonl (.jsonl, …) and folder take it, with their usual"
            + " fields. A folder is one of shards or tables if it holds any, else of pictures; webdataset:, parquet:, jsonl: or"
            + " folder: before a location says it."
      })
  private List<String> mix;

  @Option(
      names = "--when-exhausted",
      paramLabel = "WHAT",
      defaultValue = "continue",
      description =
          "When a source has no more training samples: continue with the others, or stop (then the weights hold throughout).")
  private MixedSource.WhenExhausted whenExhausted;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Of the draws, and of stamps and typography.")
  private long seed;

  @Mixin private InputMixin input;

  @Mixin private PreparationMixin preparation;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    PreparationOptions options = preparation.options(spec);
    try (Inputs inputs = input.open(spec)) {
      MixedSource source = new MixedSource(new MixParts(options, seed, inputs).parse(mix), seed, whenExhausted);
      build.build(source, spec.commandLine().getOut());
    }
  }
}
