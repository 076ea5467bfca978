package kiln.bench.step;

import kiln.model.plan.Plan;

/** Kiln's side of a case, ready to run. */
interface Work extends AutoCloseable {
  void run();

  long parameters();

  /** Of one forward pass. */
  long forwardFlops();

  /** Of one run. */
  default long totalFlops() {
    return forwardFlops();
  }

  /** Runs once and tells of every launch; of those of one call of the UNet if a run has many. */
  void profile(Plan.LaunchProfiler profiler);

  @Override
  void close();

  static Work of(StepCase c) {
    return switch (c.kind()) {
      case "step" -> new UNetStep(c);
      case "t5" -> Forward.t5(c);
      case "vae-encode" -> Forward.vaeEncode(c);
      case "text-to-image" -> new Draw(c);
      default -> throw new IllegalArgumentException("case " + c.kind());
    };
  }
}
