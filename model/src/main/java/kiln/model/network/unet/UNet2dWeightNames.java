package kiln.model.network.unet;

import kiln.model.network.DeprecatedAttentionNames;
import kiln.model.weights.WeightNames;

/** Parameters of {@link UNet2dModel} are named as in diffusers' files, old (those of google/ddpm-*) and new. */
public final class UNet2dWeightNames implements WeightNames {
  private final WeightNames attention = new DeprecatedAttentionNames();

  @Override
  public String parameter(String tensor) {
    return attention.parameter(tensor);
  }
}
