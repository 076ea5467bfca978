package kiln.launcher.cli;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kiln.bindings.UserException;
import kiln.data.BucketTable;
import kiln.data.queue.Split;
import kiln.launcher.generate.Generator;
import kiln.launcher.generate.StartPicture;
import kiln.launcher.generate.Wanted;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
      "Draws with a model: a trained run, one of its checkpoints, or a pipeline folder of diffusers.",
      "",
      "One picture is one PNG, which says in a text chunk what it was drawn from. Several are one PNG each, numbered, and",
      "a grid with captions."
    })
final class GenerateCommand implements Runnable {
  /** Samples of --beside if --count is not given. */
  private static final int BESIDE = 24;

  @Option(
      names = "--checkpoint",
      required = true,
      paramLabel = "DIR",
      description = "A pipeline folder, a checkpoint, or a run, whose newest checkpoint is taken.")
  private Path checkpoint;

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      description = "What to draw; may be repeated.",
      showDefaultValue = CommandLine.Help.Visibility.NEVER)
  private List<String> prompts = List.of();

  @Option(names = "--prompts", paramLabel = "FILE", description = "What to draw, one prompt per line; lines may be empty.")
  private Path promptFile;

  @Option(
      names = "--negative-prompt",
      paramLabel = "TEXT",
      description = "What guidance steers away from; without it, from the empty prompt.")
  private String negative;

  @Option(names = "--class", paramLabel = "N", description = "Which class to draw, with a model that knows classes.")
  private Integer label;

  @Option(
      names = "--count",
      paramLabel = "N",
      description = "Pictures of every prompt (1 if not given), or samples of --beside (" + BESIDE + ").",
      showDefaultValue = CommandLine.Help.Visibility.NEVER)
  private Integer count;

  @Option(names = "--size", paramLabel = "HxW", description = "Height and width in pixels; those of training if not given.")
  private String size;

  @Mixin private StartMixin start;
  @Mixin private SamplingMixin sampling;

  @Option(
      names = "--beside",
      paramLabel = "DIR",
      description = "Instead of prompts: captions of this data set, drawn beside the real pictures.")
  private Path beside;

  @Option(
      names = "--split",
      paramLabel = "NAME",
      defaultValue = "validation",
      description = "Samples of --beside: validation, or train.")
  private Split split;

  @Option(names = "--out", paramLabel = "FILE", defaultValue = "kiln.png", description = "PNG file to write.")
  private Path out;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    BucketTable.Size wanted = size == null ? null : Sizes.parse(spec, "--size", size);
    StartPicture picture = start.start(spec, size);
    List<String> all = allPrompts();
    if (wanted != null && (wanted.height() == 0 || wanted.width() == 0)) {
      throw mistake("option --size: expected at least 1 pixel, found " + size);
    }
    check(all, picture);
    Generator generator =
        new Generator(
            checkpoint,
            sampling.options(),
            spec.commandLine().getOut(),
            warning -> spec.commandLine().getErr().println("kiln: warning: " + warning));
    if (generator.takesText() && all.isEmpty() && beside == null) {
      throw mistake("option --prompt: expected at least one, or --prompts FILE, or --beside DIR");
    }
    if (beside != null) {
      generator.drawBeside(beside, split, count == null ? BESIDE : count, out);
      return;
    }
    int height = wanted == null ? 0 : wanted.height();
    int width = wanted == null ? 0 : wanted.width();
    String away = negative == null ? "" : negative;
    generator.draw(new Wanted(all, away, label, count == null ? 1 : count, height, width, picture, out));
  }

  private List<String> allPrompts() {
    List<String> all = new ArrayList<>(prompts);
    if (promptFile != null) {
      try {
        all.addAll(Files.readAllLines(promptFile));
      } catch (MalformedInputException e) {
        throw new UserException("option --prompts: " + promptFile + ": expected UTF-8, found other bytes", e);
      } catch (IOException e) {
        throw new UserException("option --prompts: " + promptFile + ": cannot be read (" + e.getMessage() + ")", e);
      }
      if (all.isEmpty()) {
        throw new UserException("option --prompts: " + promptFile + ": expected one prompt per line, found none");
      }
    }
    return all;
  }

  private void check(List<String> all, StartPicture picture) {
    if (count != null && count < 1) {
      throw mistake("option --count: expected at least 1, found " + count);
    }
    if (beside != null && !all.isEmpty()) {
      throw mistake("option --prompt: expected none with --beside, found " + all.size());
    }
    String other = size != null ? "--size" : picture != null ? "--init-image" : label != null ? "--class" : null;
    if (beside != null && other != null) {
      throw mistake("option " + other + ": --beside draws the captions of its data in their size");
    }
    if (negative != null && !sampling.guided()) {
      throw mistake("option --negative-prompt: expected --guidance other than 1 with it, found 1");
    }
    if (beside != null && negative != null) {
      throw mistake("option --negative-prompt: expected none with --beside");
    }
  }

  private ParameterException mistake(String line) {
    return new ParameterException(spec.commandLine(), line);
  }
}
