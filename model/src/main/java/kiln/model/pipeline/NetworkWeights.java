package kiln.model.pipeline;

import java.util.function.Function;
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

  /** What {@code phase} makes with the weights. */
  default <T> T during(Function<ParameterBinding, T> phase) {
    ParameterBinding binding = acquire();
    try {
      return phase.apply(binding);
    } finally {
      release();
    }
  }

  /** Weights that stay where they are. */
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
