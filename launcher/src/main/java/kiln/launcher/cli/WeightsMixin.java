package kiln.launcher.cli;

import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import kiln.model.weights.SafetensorsType;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How weight files are written: the type of their numbers, and how large one may become. */
final class WeightsMixin {
  private static final Map<String, SafetensorsType> TYPES =
      Map.of(
          "float32", SafetensorsType.F32,
          "fp32", SafetensorsType.F32,
          "float16", SafetensorsType.F16,
          "fp16", SafetensorsType.F16,
          "bfloat16", SafetensorsType.BF16,
          "bf16", SafetensorsType.BF16);

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description = "Type of floating-point numbers: float32, bfloat16 or float16 (also fp32, bf16, fp16).")
  private String dtype;

  @Option(
      names = "--max-shard-size",
      paramLabel = "BYTES",
      description = "Most bytes of tensors per file, as in 2GB or 500MiB; default 10GB as diffusers, 5GB as transformers.")
  private String maxShardSize;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** What --dtype says, or {@code missing}. */
  SafetensorsType dtype(SafetensorsType missing) {
    if (dtype == null) {
      return missing;
    }
    SafetensorsType type = TYPES.get(dtype.toLowerCase(Locale.ROOT));
    if (type == null) {
      throw new ParameterException(
          spec.commandLine(), "option --dtype: expected float32, bfloat16 or float16, found " + dtype);
    }
    return type;
  }

  /** As {@link #dtype(SafetensorsType)}, where it must be given. */
  SafetensorsType requireDtype() {
    if (dtype == null) {
      throw new ParameterException(spec.commandLine(), "option --dtype: missing, expected float32, bfloat16 or float16");
    }
    return dtype(null);
  }

  /** Bytes; empty if the option is not given. */
  OptionalLong maxShardBytes() {
    if (maxShardSize == null) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(ByteSizes.parse(spec, "--max-shard-size", maxShardSize));
  }
}
