package kiln.model.network.vae;

import kiln.model.network.DeprecatedAttentionNames;
import kiln.model.weights.WeightNames;

/** Parameters are named as in diffusers' files, old and new. */
public final class AutoencoderKlWeightNames implements WeightNames {
  private final WeightNames attention = new DeprecatedAttentionNames();

  @Override
  public String parameter(String tensor) {
    return attention.parameter(tensor);
  }
}
