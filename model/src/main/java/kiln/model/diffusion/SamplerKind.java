package kiln.model.diffusion;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The samplers that a user can ask for by name. */
public enum SamplerKind {
  DDPM("DDPMScheduler", TimestepSpacing.LEADING),
  DDIM("DDIMScheduler", TimestepSpacing.LEADING),
  PNDM("PNDMScheduler", TimestepSpacing.LEADING),
  EULER("EulerDiscreteScheduler", TimestepSpacing.LINSPACE),
  EULER_A("EulerAncestralDiscreteScheduler", TimestepSpacing.LINSPACE),
  DPMPP("DPMSolverMultistepScheduler", TimestepSpacing.LINSPACE);

  private final String className;
  private final TimestepSpacing defaultSpacing;

  SamplerKind(String className, TimestepSpacing defaultSpacing) {
    this.className = className;
    this.defaultSpacing = defaultSpacing;
  }

  /** The sampler whose configuration names diffusers' class {@code className}. */
  static Optional<SamplerKind> ofClass(String className) {
    return Arrays.stream(values()).filter(kind -> kind.className.equals(className)).findFirst();
  }

  /** diffusers' class, the {@code _class_name} of a configuration. */
  public String className() {
    return className;
  }

  /** What users write. */
  public String optionName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Which training steps are visited if the configuration does not say. */
  TimestepSpacing defaultSpacing() {
    return defaultSpacing;
  }

  /** Whether diffusers' class can clip the predicted x₀. */
  boolean clips() {
    return this == DDPM || this == DDIM;
  }

  /** Whether its steps are noise levels rather than training steps. */
  boolean walksSigmas() {
    return this == EULER || this == EULER_A || this == DPMPP;
  }
}
