package kiln.launcher.cli;

import java.nio.file.Path;
import java.util.List;
import kiln.data.BucketTable;
import kiln.data.queue.Split;
import kiln.launcher.generate.Generator;
import kiln.model.diffusion.DrawingSettings;
import kiln.model.diffusion.SamplerKind;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kiln generate}. */
@Command(
    name = "generate",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    sortOptions = false,
    description = {
      "Draws captions with a trained checkpoint.",
      "",
      "One prompt gives one PNG. Several give one each, numbered, and a grid with captions."
    })
final class GenerateCommand implements Runnable {
  @Option(
      names = "--checkpoint",
      required = true,
      paramLabel = "DIR",
      description = "A checkpoint, or a run, whose newest checkpoint is taken.")
  private Path checkpoint;

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      description = "What to draw; may be repeated.",
      showDefaultValue = CommandLine.Help.Visibility.NEVER)
  private List<String> prompts = List.of();

  @Option(
      names = "--beside",
      paramLabel = "DIR",
      description = "Instead of prompts: captions of this data set, drawn beside the real pictures.")
  private Path beside;

  @Option(names = "--count", paramLabel = "N", defaultValue = "24", description = "Samples of --beside.")
  private int count;

  @Option(
      names = "--split",
      paramLabel = "NAME",
      defaultValue = "validation",
      description = "Samples of --beside: validation, or train.")
  private Split split;

  @Option(names = "--out", paramLabel = "FILE", defaultValue = "kiln.png", description = "PNG file to write.")
  private Path out;

  @Option(names = "--steps", paramLabel = "N", defaultValue = "25", description = "Steps of the sampler.")
  private int steps;

  @Option(
      names = "--guidance",
      paramLabel = "SCALE",
      defaultValue = "3",
      description = "Scale of classifier-free guidance; 1 is none.")
  private float guidance;

  @Option(
      names = "--guidance-rescale",
      paramLabel = "SHARE",
      defaultValue = "0",
      description = "How much of the contrast that guidance adds is taken back, 0 to 1.")
  private float guidanceRescale;

  @Option(names = "--seed", paramLabel = "N", defaultValue = "0", description = "Of the noise that drawings start from.")
  private long seed;

  @Option(
      names = "--sampler",
      paramLabel = "NAME",
      defaultValue = "ddim",
      description = "ddim, or dpmpp (DPM-Solver++ of second order).")
  private SamplerKind sampler;

  @Option(names = "--size", paramLabel = "HxW", description = "Height and width in pixels; those of training if not given.")
  private String size;

  @Option(names = "--raw", description = "Draw with the weights of the last step, not with their moving average.")
  private boolean raw;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    if (prompts.isEmpty() == (beside == null)) {
      throw new ParameterException(spec.commandLine(), "option --prompt: expected at least one, or --beside DIR");
    }
    if (beside != null && size != null) {
      throw new ParameterException(spec.commandLine(), "option --size: --beside draws in the size of its data");
    }
    if (count < 1) {
      throw new ParameterException(spec.commandLine(), "option --count: expected at least 1, found " + count);
    }
    DrawingSettings settings = new DrawingSettings(sampler, steps, guidance, guidanceRescale, seed);
    Generator generator = new Generator(checkpoint, !raw, settings, spec.commandLine().getOut());
    if (beside != null) {
      generator.drawBeside(beside, split, count, out);
      return;
    }
    BucketTable.Size wanted = size == null ? null : Sizes.parse(spec, "--size", size);
    generator.draw(prompts, wanted == null ? 0 : wanted.height(), wanted == null ? 0 : wanted.width(), out);
  }
}
