package kiln.model.pipeline;

/**
 * Bytes of a plan.
 *
 * @param region that its tensors lie in, and those of other phases before and after
 * @param kept of weights that its kernels have rearranged, for as long as the plan is kept
 */
public record PlanSize(long region, long kept) {
  /** Of a phase that there is not. */
  static final PlanSize NONE = new PlanSize(0, 0);

  /** While the plan is the only one. */
  public long bytes() {
    return region + kept;
  }

  /** The larger one of two plans, of which one is in memory at a time. */
  PlanSize max(PlanSize other) {
    return new PlanSize(Math.max(region, other.region), Math.max(kept, other.kept));
  }
}
