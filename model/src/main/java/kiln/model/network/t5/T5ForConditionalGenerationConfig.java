package kiln.model.network.t5;

import java.nio.file.Path;
import kiln.bindings.UserException;
import kiln.model.network.ConfigReader;
import tools.jackson.databind.node.ObjectNode;

/**
 * Sizes of a T5 with encoder and decoder, by the names of transformers' {@code T5Config}.
 *
 * <p>Old files say with {@code tie_word_embeddings} both that the output layer is the table of embeddings and that its input is
 * scaled; those of transformers 5 say the latter with {@code scale_decoder_outputs}, and always the former, even beside an
 * output layer of its own. So the weight file decides about that: see {@link #withTiedEmbeddings}.
 *
 * @param encoder sizes of the encoder, which are also the decoder's, but for the number of layers
 * @param tieWordEmbeddings whether the output layer is the table of embeddings, or has weights of its own
 * @param scaleDecoderOutputs whether the decoder's output is multiplied by dModel^-½ before the output layer
 * @param decoderStartTokenId the token that the decoder's input starts with
 * @param eosTokenId the token that ends a text
 * @param padTokenId what fills the rest of a row
 */
public record T5ForConditionalGenerationConfig(
    T5Config encoder,
    int numDecoderLayers,
    boolean tieWordEmbeddings,
    boolean scaleDecoderOutputs,
    int decoderStartTokenId,
    int eosTokenId,
    int padTokenId) {

  public T5ForConditionalGenerationConfig {
    if (numDecoderLayers < 1) {
      throw new IllegalArgumentException("num_decoder_layers must be positive");
    }
    for (int token : new int[] {decoderStartTokenId, eosTokenId, padTokenId}) {
      if (token < 0 || token >= encoder.vocabSize()) {
        throw new IllegalArgumentException(
            "decoder_start_token_id, eos_token_id and pad_token_id must be below vocab_size " + encoder.vocabSize()
                + ", found " + token);
      }
    }
  }

  /**
   * @throws UserException if the file is damaged or asks for something that is not implemented
   */
  public static T5ForConditionalGenerationConfig read(Path configJson) {
    return read(ConfigReader.open(configJson));
  }

  /** As {@link #read(Path)}, with the defaults of transformers for missing fields. */
  public static T5ForConditionalGenerationConfig read(ConfigReader in) {
    in.only("is_encoder_decoder", true).harmless("bos_token_id");
    T5Config sizes = T5Config.sizes(in);
    int numDecoderLayers = in.integerOrNull("num_decoder_layers", sizes.numLayers());
    boolean tied = in.flag("tie_word_embeddings", true);
    boolean scaled = in.flag("scale_decoder_outputs", tied);
    int pad = in.integerOrNull("pad_token_id", 0);
    int eos = in.integerOrNull("eos_token_id", 1);
    int start = in.integerOrNull("decoder_start_token_id", pad); // what all published T5 start with
    in.finish();
    try {
      return new T5ForConditionalGenerationConfig(sizes, numDecoderLayers, tied, scaled, start, eos, pad);
    } catch (IllegalArgumentException e) {
      throw in.invalid(e);
    }
  }

  /** The same network, with an output layer of its own or not, as its weight file has one or not. */
  public T5ForConditionalGenerationConfig withTiedEmbeddings(boolean tied) {
    return new T5ForConditionalGenerationConfig(
        encoder, numDecoderLayers, tied, scaleDecoderOutputs, decoderStartTokenId, eosTokenId, padTokenId);
  }

  /** What transformers reads back as a {@code T5ForConditionalGeneration}. */
  public ObjectNode toJson() {
    return encoder.toJson("T5ForConditionalGeneration")
        .put("num_decoder_layers", numDecoderLayers)
        .put("is_encoder_decoder", true)
        .put("tie_word_embeddings", tieWordEmbeddings)
        .put("scale_decoder_outputs", scaleDecoderOutputs)
        .put("use_cache", true)
        .put("decoder_start_token_id", decoderStartTokenId)
        .put("eos_token_id", eosTokenId)
        .put("pad_token_id", padTokenId)
        .toJson();
  }
}
