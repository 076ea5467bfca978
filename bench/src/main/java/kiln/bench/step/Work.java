package kiln.bench.step;

import java.util.function.Consumer;
import kiln.model.plan.Plan;

/** Kiln's side of a case, ready to run. */
interface Work extends AutoCloseable {
  void run();

  long parameters();

  /** Of one forward pass. */
  long forwardFlops();

  /** Runs once and tells the time of every launch. */
  void profile(Plan.LaunchProfiler profiler, Consumer<String> others);

  @Override
  void close();

  static Work of(StepCase c) {
    return switch (c.kind()) {
      case "step" -> new UNetStep(c);
      case "t5" -> Forward.t5(c);
      case "vae-encode" -> Forward.vaeEncode(c);
      default -> throw new IllegalArgumentException("case " + c.kind());
    };
  }
}
