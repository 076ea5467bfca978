package kiln.model.train;

import kiln.model.plan.Residency;

/**
 * What a training step must heed if other processes work with it, or keep a part of its state.
 *
 * @param separately every micro-batch writes its own gradients, and the sink, which hears of them each time, takes them away
 *     before the next one begins; else micro-batches add theirs up
 * @param weights brings the weights when they are used; null if they are always there
 * @param tellEvery bytes of gradients of which the sink wants to hear soon (see {@link kiln.model.plan.PlanBuilder#tellEvery})
 */
public record StepDivision(boolean separately, Residency weights, long tellEvery) {
  /** Nobody else keeps anything, or waits for gradients. */
  public static final StepDivision NONE = new StepDivision(false, null, Long.MAX_VALUE);
}
