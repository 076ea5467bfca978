package kiln.model.train;

import kiln.model.plan.Residency;

/**
 * What a training step must heed if other processes keep a part of its state.
 *
 * @param separately every micro-batch writes its own gradients, and the sink, which hears of them each time, takes them away
 *     before the next one begins; else micro-batches add theirs up
 * @param weights brings the weights when they are used; null if they are always there
 */
public record StepDivision(boolean separately, Residency weights) {
  /** Nobody else keeps anything. */
  public static final StepDivision NONE = new StepDivision(false, null);
}
