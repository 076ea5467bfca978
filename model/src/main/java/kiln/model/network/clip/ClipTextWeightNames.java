package kiln.model.network.clip;

import kiln.model.weights.WeightNames;

/**
 * Files of transformers 5 leave out the {@code text_model.} that all names start with before; older ones also hold the numbers
 * of the positions, and some the projection that only comparisons with images need.
 */
public final class ClipTextWeightNames implements WeightNames {
  private static final String PREFIX = "text_model.";

  @Override
  public String parameter(String tensor) {
    String name = tensor.startsWith(PREFIX) ? tensor.substring(PREFIX.length()) : tensor;
    boolean unused = name.equals("embeddings.position_ids") || name.equals("text_projection.weight");
    return unused ? null : PREFIX + name;
  }
}
