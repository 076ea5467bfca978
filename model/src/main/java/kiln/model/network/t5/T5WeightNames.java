package kiln.model.network.t5;

import kiln.model.weights.WeightNames;

/** Files of the whole T5 also hold the decoder, and some hold the embedding a second time; the encoder skips both. */
public final class T5WeightNames implements WeightNames {
  @Override
  public String parameter(String tensor) {
    boolean others = tensor.startsWith("decoder.") || tensor.equals("lm_head.weight");
    return others || tensor.equals("encoder.embed_tokens.weight") ? null : tensor;
  }
}
