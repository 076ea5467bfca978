package kiln.bench.gpu.check;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** The checks, in the order in which they run: what is simple comes first. */
enum Check {
  LIBRARIES("NVIDIA's libraries and the GPU", 60, DeviceCases::of),
  OPERATIONS("every operation against PyTorch, float32", 60, OperationCases::golden),
  OPERATIONS_REFERENCE("every operation against the reference at awkward sizes, float32", 60, OperationCases::wide),
  OPERATIONS_BF16("the same in bfloat16", 60, OperationCases::narrow),
  KERNELS("single kernels against the reference around the sizes of blocks", 60, OperationCases::kernels),
  NETWORKS("every network against PyTorch, outputs and gradients, float32", 120, NetworkCases::golden),
  NETWORKS_BF16("networks that compute in bfloat16 against the same values", 120, NetworkCases::narrow),
  TRAJECTORY("12 training steps against PyTorch's", 180, TrainingCases::trajectory),
  RANKS("training by 2 ranks against 1", 600, TrainingCases::ranks),
  MEMORY("a plan larger than the memory is refused", 300, MemoryCases::of),
  SPEED_KERNELS("speed of kernels", 300, SpeedCases::kernels),
  SPEED_STEP("speed of training steps", 1800, SpeedCases::step);

  private final String title;
  private final Duration limit;
  private final Function<CheckSettings, List<CheckCase>> cases;

  Check(String title, int seconds, Function<CheckSettings, List<CheckCase>> cases) {
    this.title = title;
    this.limit = Duration.ofSeconds(seconds);
    this.cases = cases;
  }

  String title() {
    return title;
  }

  /** How long one case may take. */
  Duration limit() {
    return limit;
  }

  List<CheckCase> cases(CheckSettings settings) {
    return cases.apply(settings);
  }

  /** As users type it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
