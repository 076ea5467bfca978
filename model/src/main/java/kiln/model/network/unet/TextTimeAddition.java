package kiln.model.network.unet;

/**
 * Stable Diffusion XL's added conditions ({@code addition_embed_type} text_time; Podell et al. 2023, section 2.2): a pooled
 * text embedding and a few numbers, such as the size of the original picture, become one vector that is added to the time
 * embedding.
 *
 * @param timeEmbedDim {@code addition_time_embed_dim}: width of the encoding of one number
 * @param inputDim {@code projection_class_embeddings_input_dim}: width of the text embedding and all encoded numbers together
 */
public record TextTimeAddition(int timeEmbedDim, int inputDim) {
  public TextTimeAddition {
    if (timeEmbedDim < 1) {
      throw new IllegalArgumentException("addition_time_embed_dim: found " + timeEmbedDim + ", expected a positive number");
    }
    if (inputDim <= timeEmbedDim) {
      throw new IllegalArgumentException(
          "projection_class_embeddings_input_dim: found " + inputDim + ", expected more than addition_time_embed_dim, "
              + timeEmbedDim);
    }
  }

  /** Width of the pooled text embedding if {@code numTimeIds} numbers come with it. */
  public int textWidth(int numTimeIds) {
    return inputDim - numTimeIds * timeEmbedDim;
  }
}
