package kiln.model.network.t5;

import kiln.model.weights.WeightNames;

/**
 * Some files hold the embedding several times, and old ones a table of position biases that attention to the encoder's output
 * never used; these are skipped. An output layer is not: who loads the file asks whether it has one (see {@link
 * T5ForConditionalGenerationConfig#withTiedEmbeddings}).
 */
public final class T5ForConditionalGenerationWeightNames implements WeightNames {
  /** The output layer's tensor, if it is not the table of embeddings. */
  public static final String LM_HEAD = "lm_head.weight";

  private static final String UNUSED_BIAS = "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight";

  @Override
  public String parameter(String tensor) {
    boolean again = tensor.equals("encoder.embed_tokens.weight") || tensor.equals("decoder.embed_tokens.weight");
    return again || tensor.equals(UNUSED_BIAS) ? null : tensor;
  }
}
