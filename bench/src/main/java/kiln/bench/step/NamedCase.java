package kiln.bench.step;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import kiln.bindings.UserException;
import kiln.launcher.preset.Preset;
import kiln.launcher.preset.PresetCatalog;
import kiln.model.network.t5.T5Presets;
import kiln.model.network.vae.AutoencoderKlConfig;
import kiln.model.pass.Remat;

/**
 * A case by its name.
 *
 * @param label as the user types it
 * @param kind as {@link StepCase} has it
 * @param dtype {@code float32} or {@code bfloat16}
 * @param preset with the UNet; null for cases without one
 * @param height as {@link StepCase} has it
 * @param width the same
 * @param remat what a training step computes once more
 */
public record NamedCase(String label, String kind, String dtype, String preset, int height, int width, Remat remat) {
  /** Those that the project's numbers are about. */
  static final List<NamedCase> ALL =
      List.of(
          new NamedCase("full-f32", "step", "float32", "sd21-byt5-base", 32, 32),
          new NamedCase("full-bf16", "step", "bfloat16", "sd21-byt5-base", 32, 32),
          new NamedCase("half-f32", "step", "float32", "sd21-half", 64, 64),
          new NamedCase("half-bf16", "step", "bfloat16", "sd21-half", 64, 64),
          new NamedCase("t5", "t5", "float32", null, 0, 0),
          new NamedCase("vae-encode", "vae-encode", "float32", null, 256, 256),
          new NamedCase("text-to-image", "text-to-image", "float32", "sd21-half", 256, 256));

  /** Not among {@link #ALL} because a machine of 24 GiB is too small for PyTorch's side. */
  private static final List<NamedCase> LARGE =
      List.of(new NamedCase("full-64-bf16", "step", "bfloat16", "sd21-byt5-base", 64, 64));

  /** What GPUs are measured with. */
  static final NamedCase GPU = LARGE.getFirst();

  private static final int TOKENS = 128;
  private static final int CAPTIONS = 8;
  private static final int SAMPLER_STEPS = 20;
  private static final int RUNS = 3;

  private NamedCase(String label, String kind, String dtype, String preset, int height, int width) {
    this(label, kind, dtype, preset, height, width, Remat.NONE);
  }

  /** One of {@link #ALL}, or a large one that is measured only if named. */
  public static Optional<NamedCase> find(String label) {
    return Stream.concat(ALL.stream(), LARGE.stream()).filter(c -> c.label.equals(label)).findFirst();
  }

  public boolean isStep() {
    return kind.equals("step");
  }

  /** The same training step with more computed once more. */
  NamedCase with(Remat wanted) {
    String name = wanted == Remat.NONE ? label : label + ", remat " + wanted;
    return new NamedCase(name, kind, dtype, preset, height, width, wanted);
  }

  /**
   * The training step of a preset's UNet on latents of its own size, in both types.
   *
   * @throws UserException if the preset has no UNet
   */
  public static List<NamedCase> ofPreset(String name) {
    Preset preset = PresetCatalog.get(name);
    if (preset.unet() == null) {
      throw new UserException("option --preset: expected one with a UNet, found " + name);
    }
    int side = preset.unet().get("sample_size").intValue();
    return List.of(
        new NamedCase(name + "-f32", "step", "float32", name, side, side),
        new NamedCase(name + "-bf16", "step", "bfloat16", name, side, side));
  }

  /** What both sides run, with a batch of one for a training step. */
  public StepCase make() {
    Preset network = preset == null ? null : PresetCatalog.get(preset);
    boolean hasVae = kind.equals("vae-encode") || kind.equals("text-to-image");
    return new StepCase(
        kind,
        dtype,
        network == null ? null : network.unet(),
        hasVae ? AutoencoderKlConfig.stableDiffusion21().toJson() : null,
        kind.equals("t5") ? T5Presets.byT5Base().encoder().toJson() : null,
        kind.equals("t5") ? CAPTIONS : 1,
        height,
        width,
        TOKENS,
        SAMPLER_STEPS,
        kind.equals("text-to-image") ? 1 : RUNS,
        remat,
        Runtime.getRuntime().availableProcessors());
  }
}
