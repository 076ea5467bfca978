package kiln.launcher.preset;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;
import java.util.function.Consumer;
import kiln.bindings.Onednn;
import kiln.model.graph.DType;

/** What networks compute in. Weights, optimizer, statistics and losses are float32 whichever it is. */
public enum Precision {
  @JsonProperty("float32")
  FLOAT32(DType.F32),
  /** Activations and products in bfloat16: half the memory, and faster where the processor multiplies such numbers. */
  @JsonProperty("bf16")
  BF16(DType.BF16);

  private final DType compute;

  Precision(DType compute) {
    this.compute = compute;
  }

  /** The type of activations. */
  public DType compute() {
    return compute;
  }

  /** The precision of that name: float32 or fp32, bf16 or bfloat16; null for any other name. */
  public static Precision of(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "float32", "fp32" -> FLOAT32;
      case "bf16", "bfloat16" -> BF16;
      default -> null;
    };
  }

  /** This one if the processor is made for it, else float32 and a warning. */
  public Precision onThisProcessor(Consumer<String> warnings) {
    if (this == FLOAT32 || Onednn.multipliesBf16()) {
      return this;
    }
    warnings.accept(
        "precision bf16: expected a processor with AVX512-BF16 or AMX, found " + Onednn.cpuIsa() + ": computing in float32");
    return FLOAT32;
  }
}
