package kiln.model.network.t5;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kiln.bindings.UserException;
import kiln.model.network.ConfigReader;

/**
 * With which tokens greedy writing starts and ends, as {@code generation_config.json} says, and where it says nothing, {@code
 * config.json}.
 *
 * @param eosTokenIds each of them ends a text
 */
public record GenerationSettings(int decoderStartTokenId, List<Integer> eosTokenIds, int padTokenId) {
  /** The file's name in a model folder. */
  public static final String FILE = "generation_config.json";

  public GenerationSettings {
    eosTokenIds = List.copyOf(eosTokenIds);
  }

  /** Those of config.json. */
  public static GenerationSettings of(T5ForConditionalGenerationConfig config) {
    return new GenerationSettings(config.decoderStartTokenId(), List.of(config.eosTokenId()), config.padTokenId());
  }

  /**
   * Those of a model folder. Settings of other ways of writing (beams, sampling, the length) are passed over; those that change
   * which token is the likeliest are refused.
   *
   * @throws UserException if generation_config.json is damaged or asks for something that is not implemented
   */
  public static GenerationSettings read(Path folder, T5ForConditionalGenerationConfig config) {
    Path file = folder.resolve(FILE);
    return Files.exists(file) ? read(ConfigReader.open(file), config) : of(config);
  }

  private static GenerationSettings read(ConfigReader in, T5ForConditionalGenerationConfig config) {
    int start = in.integerOrNull("decoder_start_token_id", config.decoderStartTokenId());
    List<Integer> eos = in.oneOrMore("eos_token_id", List.of(config.eosTokenId()));
    int pad = in.integerOrNull("pad_token_id", config.padTokenId());
    in.harmless("bos_token_id", "max_length", "max_new_tokens", "max_time", "transformers_version", "use_cache");
    in.harmless("num_beams", "num_beam_groups", "early_stopping", "length_penalty", "diversity_penalty");
    in.harmless("do_sample", "temperature", "top_k", "top_p", "typical_p", "num_return_sequences", "trust_remote_code");
    in.harmless("output_attentions", "output_hidden_states", "output_scores", "return_dict_in_generate");
    in.only("repetition_penalty", 1).only("encoder_repetition_penalty", 1).only("no_repeat_ngram_size", 0);
    in.only("encoder_no_repeat_ngram_size", 0).only("min_length", 0).only("min_new_tokens", 0).only("guidance_scale", 1);
    in.finish();
    return new GenerationSettings(start, eos, pad);
  }
}
