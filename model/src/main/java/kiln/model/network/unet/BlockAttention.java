package kiln.model.network.unet;

import kiln.model.graph.Value;
import kiln.model.layer.ParameterScope;

/** What follows a residual block: attention of some kind, or nothing. */
@FunctionalInterface
interface BlockAttention {
  /** x [N, H, W, C] → the same. */
  Value apply(Value x, Conditioning conditioning);

  /** Declares one attention with its parameters; called once for each residual block of a level. */
  @FunctionalInterface
  interface Factory {
    /** For levels without attention: declares nothing, and changes nothing. */
    Factory NONE = scope -> (x, conditioning) -> x;

    BlockAttention declare(ParameterScope scope);
  }
}
