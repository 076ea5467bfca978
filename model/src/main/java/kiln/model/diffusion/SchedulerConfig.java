package kiln.model.diffusion;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import kiln.bindings.UserException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * diffusers' {@code scheduler_config.json}: the class that samples, its settings, and from them the noise schedule and any
 * sampler. What is left out gets the default of the class that is asked for, which is the file's own or, with another sampler,
 * that one's, as diffusers' {@code from_config} does. Settings that Kiln does not have are refused, never ignored.
 */
public final class SchedulerConfig {
  /** Python writes infinities as JSON does not know them. */
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private static final String CLASS_NAME = "_class_name";

  private static final NoiseSchedule DEFAULTS =
      new NoiseSchedule(
          1000, 0.0001, 0.02, BetaSchedule.LINEAR, null, PredictionType.EPSILON, false, TimestepSpacing.LEADING, 0, true, 1,
          true);

  private final ObjectNode settings;
  private final String source;
  private final Optional<SamplerKind> kind;
  private final NoiseSchedule schedule;

  private SchedulerConfig(ObjectNode settings, String source) {
    this.settings = settings;
    this.source = source;
    this.kind = SamplerKind.ofClass(settings.path(CLASS_NAME).asString(SamplerKind.DDIM.className()));
    this.schedule = schedule(kind.orElse(SamplerKind.DDIM));
    options(kind.orElse(SamplerKind.DDIM));
  }

  /**
   * @throws UserException if the file is missing, is no JSON object, or holds what Kiln does not have
   */
  public static SchedulerConfig read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new UserException(file + ": expected a scheduler configuration, found no file");
    }
    try {
      return parse(JSON.readTree(file), file.toString());
    } catch (JacksonException e) {
      throw new UserException(file + ": expected a JSON object, found " + e.getOriginalMessage(), e);
    }
  }

  /**
   * @param source what messages call the configuration
   * @throws UserException as {@link #read}
   */
  public static SchedulerConfig parse(JsonNode config, String source) {
    if (!config.isObject()) {
      throw new UserException(source + ": expected a JSON object, found " + config.getNodeType());
    }
    ObjectNode known = JSON.valueToTree(DEFAULTS);
    known.setAll(JSON.<ObjectNode>valueToTree(SamplerOptions.DEFAULT));
    config.properties().forEach(setting -> {
      if (!known.has(setting.getKey())) {
        ForeignSchedulerSettings.check(setting.getKey(), setting.getValue(), source);
      }
    });
    return new SchedulerConfig(config.asObject().deepCopy(), source);
  }

  /** A configuration of {@code kind} with every setting of {@code schedule}. */
  public static SchedulerConfig of(SamplerKind kind, NoiseSchedule schedule) {
    ObjectNode settings = JSON.createObjectNode().put(CLASS_NAME, kind.className());
    settings.setAll(JSON.<ObjectNode>valueToTree(schedule));
    return new SchedulerConfig(settings, kind.className());
  }

  /** The noise schedule of a configuration: {@code parse(config, source).schedule()}. */
  public static NoiseSchedule schedule(JsonNode config, String source) {
    return parse(config, source).schedule();
  }

  /** The noise schedule, which does not depend on the sampler: what a network is trained with. */
  public NoiseSchedule schedule() {
    return schedule;
  }

  /**
   * The sampler whose configuration this is; DDIM if it does not say.
   *
   * @throws UserException if it is none of Kiln's
   */
  public SamplerKind samplerOf() {
    return kind.orElseThrow(() ->
        new UserException(
            source + ": " + CLASS_NAME + ": expected a sampler of Kiln's (or choose one with --sampler), found "
                + settings.path(CLASS_NAME).asString()));
  }

  /** A whole walk. */
  public Sampler sampler(SamplerSettings wanted) {
    return sampler(wanted, 0);
  }

  /**
   * A walk without its first steps, for image-to-image.
   *
   * @param firstStep steps left out, 0 to {@code wanted.steps() - 1}
   * @throws UserException if there are fewer training steps than steps, or the sampler is not defined for the schedule
   */
  public Sampler sampler(SamplerSettings wanted, int firstStep) {
    SamplerKind asked = wanted.kind();
    int steps = wanted.steps();
    NoiseSchedule with = schedule(asked);
    SamplerOptions options = options(asked);
    boolean karras = wanted.karras() || options.useKarrasSigmas();
    return switch (asked) {
      case DDPM -> new DdpmSampler(with, options, steps, firstStep);
      case DDIM -> new DdimSampler(with, steps, wanted.eta(), firstStep);
      case PNDM -> new PndmSampler(with, options, steps, firstStep);
      case EULER -> new EulerSampler(with, options, steps, karras, firstStep);
      case EULER_A -> new EulerAncestralSampler(with, steps, wanted.karras(), firstStep);
      case DPMPP -> new DpmSolverPlusPlusSampler(with, options, steps, karras, firstStep);
    };
  }

  /** The schedule as {@code asked} reads it. Where the model's own class cannot clip x₀, nobody does. */
  private NoiseSchedule schedule(SamplerKind asked) {
    ObjectNode defaults = JSON.valueToTree(DEFAULTS);
    defaults.set("timestep_spacing", JSON.valueToTree(asked.defaultSpacing()));
    defaults.put("clip_sample", kind.map(SamplerKind::clips).orElse(false));
    defaults.put("set_alpha_to_one", asked != SamplerKind.PNDM);
    return merged(defaults, NoiseSchedule.class);
  }

  /** PNDM's Runge–Kutta steps are diffusers' default but nobody's choice: they are only taken by models that are PNDM's. */
  private SamplerOptions options(SamplerKind asked) {
    ObjectNode defaults = JSON.valueToTree(SamplerOptions.DEFAULT);
    boolean ofPndm = kind.filter(own -> own == SamplerKind.PNDM).isPresent();
    defaults.put("skip_prk_steps", !(ofPndm && asked == SamplerKind.PNDM));
    return merged(defaults, SamplerOptions.class);
  }

  /** The settings over the defaults; nulls leave the default. */
  private <T> T merged(ObjectNode defaults, Class<T> type) {
    for (String name : defaults.propertyNames().toArray(String[]::new)) {
      if (settings.hasNonNull(name)) {
        defaults.set(name, settings.get(name));
      }
    }
    try {
      return JSON.treeToValue(defaults, type);
    } catch (InvalidFormatException e) {
      throw new UserException(source + ": " + mistake(e), e);
    } catch (JacksonException e) {
      Throwable cause = e.getCause();
      throw cause instanceof UserException mistake
          ? new UserException(source + ": " + mistake.getMessage(), mistake)
          : new UserException(source + ": " + e.getOriginalMessage(), e);
    }
  }

  private static String mistake(InvalidFormatException e) {
    String name = e.getPath().isEmpty() ? "" : e.getPath().getLast().getPropertyName() + ": ";
    Object[] constants = e.getTargetType().getEnumConstants();
    String expected = constants == null ? "a " + e.getTargetType().getSimpleName() : "one of " + names(constants);
    return name + "expected " + expected + ", found " + e.getValue();
  }

  private static String names(Object[] constants) {
    StringBuilder names = new StringBuilder();
    for (Object constant : constants) {
      names.append(names.isEmpty() ? "" : ", ").append(JSON.valueToTree(constant).asString());
    }
    return names.toString();
  }

  /** Writes what was read, or {@link #of}: the same class and the same settings. */
  public void write(Path file) {
    try {
      JSON.writeValue(file, settings);
    } catch (JacksonException e) {
      throw new UserException(file + ": cannot be written (" + e.getOriginalMessage() + ")", e);
    }
  }

  /** A copy of the settings as they were read. */
  public ObjectNode toJson() {
    return settings.deepCopy();
  }
}
