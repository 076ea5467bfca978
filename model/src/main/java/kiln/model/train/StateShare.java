package kiln.model.train;

import kiln.model.plan.ParameterTable;
import kiln.model.plan.Slices;

/**
 * What of a {@link TrainingState} this process keeps, if others keep the rest. What is not kept has addresses all the same, so
 * that plans are bound to them, but no memory, except while somebody brings it there and until it is {@linkplain
 * TrainingState#trim given back}.
 *
 * @param slices that are kept
 * @param optimizer whether they are what is kept of moments and average; else all is
 * @param gradients whether they are what is kept of gradients; else all is
 * @param weights whether they are what is kept of weights; else all is
 */
public record StateShare(Slices slices, boolean optimizer, boolean gradients, boolean weights) {
  /** Everything. */
  public static StateShare all(ParameterTable table) {
    return new StateShare(Slices.all(table), false, false, false);
  }
}
