package kiln.launcher.cli;

import kiln.bindings.UserException;
import kiln.launcher.backend.BackendChoice;
import kiln.launcher.backend.BackendKind;
import kiln.launcher.generate.DrawingOptions;
import kiln.launcher.preset.Precision;
import kiln.model.diffusion.SamplerKind;
import kiln.model.graph.DType;
import kiln.model.pipeline.DrawingJob;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How pictures are drawn, whatever they show. */
final class SamplingMixin {
  @Option(names = "--steps", paramLabel = "N", defaultValue = "25", description = "Steps of the sampler.")
  private int steps;

  @Option(
      names = "--guidance",
      paramLabel = "SCALE",
      description = "Scale of classifier-free guidance; 1 is none, 3 if not given.")
  private Float guidance;

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
      description = {
        "ddpm, ddim, pndm, euler, euler_a (ancestral), or dpmpp (DPM-Solver++ 2M);",
        "that of the model's scheduler if not given."
      })
  private SamplerKind sampler;

  @Option(
      names = "--eta",
      paramLabel = "SHARE",
      defaultValue = "0",
      description = "Noise that ddim adds at every step, 0 to 1; 0 adds none.")
  private float eta;

  @Option(names = "--karras", description = "Noise levels of Karras et al. 2022, with euler, euler_a and dpmpp.")
  private boolean karras;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Most pictures to draw at once; if not given, as many as have 256x256 pixels together, at most 18.",
      showDefaultValue = CommandLine.Help.Visibility.NEVER)
  private Integer batch;

  @Option(
      names = "--low-memory",
      description = "Hold the weights of each network only while it works: the text encoder's are gone before the UNet runs.")
  private boolean lowMemory;

  @Option(
      names = "--raw",
      description = "Draw with the weights of a checkpoint's last step, not with their moving average.")
  private boolean raw;

  @Mixin private PrecisionMixin precision;

  @Mixin private BackendMixin backend;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** Whether a prompt to steer away from is of use. */
  boolean guided() {
    return guidance == null || guidance != 1;
  }

  /**
   * @throws UserException if a number is out of its range, or the backend cannot be used here
   */
  DrawingOptions options() {
    if (batch != null && batch < 1) {
      throw new UserException("option --batch: expected at least 1, found " + batch);
    }
    int most = batch == null ? DrawingJob.AUTOMATIC : batch;
    BackendChoice choice = backend.choice().resolve().choice();
    return new DrawingOptions(
        sampler, steps, eta, karras, guidance, guidanceRescale, seed, most, !raw, lowMemory, compute(choice), choice);
  }

  private DType compute(BackendChoice choice) {
    Precision wanted = precision.precision(Precision.FLOAT32);
    if (choice.kind() != BackendKind.CPU) {
      return wanted.compute();
    }
    return wanted
        .onThisProcessor(warning -> spec.commandLine().getErr().println("kiln: warning: " + warning))
        .compute();
  }
}
