package kiln.model.pipeline;

import kiln.model.plan.ParameterBinding;

/**
 * The weights of one network, which a phase takes at its start and gives back at its end. Whether they stay in memory in between
 * is the implementation's choice.
 */
public interface NetworkWeights {
  /** Weights that are valid until {@link #release}. */
  ParameterBinding acquire();

  /** Says that no plan reads the weights any more. */
  void release();

  /**
   * Whether the weights stay what they are and where they are when they are released, so that a plan that has read them can be
   * kept until the pipeline is closed.
   */
  default boolean fixed() {
    return false;
  }

  /** Weights that stay where they are, and may change from drawing to drawing. */
  static NetworkWeights resident(ParameterBinding binding) {
    return new NetworkWeights() {
      @Override
      public ParameterBinding acquire() {
        return binding;
      }

      @Override
      public void release() {}
    };
  }
}
