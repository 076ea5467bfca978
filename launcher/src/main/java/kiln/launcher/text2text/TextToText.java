package kiln.launcher.text2text;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kiln.bindings.UserException;
import kiln.data.text.ByT5Tokenizer;
import kiln.data.text.Tokenizer;
import kiln.data.text.Tokenizers;
import kiln.launcher.backend.BackendChoice;
import kiln.launcher.backend.Backends;
import kiln.model.layer.ParameterScope;
import kiln.model.network.t5.GenerationSettings;
import kiln.model.network.t5.GreedyDecoder;
import kiln.model.network.t5.T5ForConditionalGeneration;
import kiln.model.network.t5.T5ForConditionalGenerationConfig;
import kiln.model.network.t5.T5ForConditionalGenerationWeightNames;
import kiln.model.plan.Backend;
import kiln.model.weights.MappedWeights;
import kiln.model.weights.WeightSource;

/** A ByT5 folder as transformers writes it, opened to answer texts. */
public final class TextToText implements AutoCloseable {
  /** Texts answered together: a step reads all weights once for all of them. */
  private static final int BATCH = 8;

  /** Lengths are rounded up to this, so that the kernels see few of them. */
  private static final int LENGTH_STEP = 16;

  private final Tokenizer tokenizer;
  private final GenerationSettings settings;
  private final MappedWeights weights;
  private final Backend backend;
  private final GreedyDecoder decoder;

  private TextToText(Path folder, T5ForConditionalGenerationConfig config, BackendChoice choice) {
    tokenizer = Tokenizers.open(folder);
    settings = GenerationSettings.read(folder, config);
    T5ForConditionalGeneration model = new T5ForConditionalGeneration(config, new ParameterScope());
    weights = MappedWeights.open(folder, new T5ForConditionalGenerationWeightNames(), model.parameters(), "");
    backend = Backends.open(choice);
    decoder = new GreedyDecoder(model, settings, List.of(weights), backend);
  }

  /**
   * @param folder with {@code config.json}, weights and {@code tokenizer_config.json}
   * @param choice what computes
   * @throws UserException if one is absent, damaged or not of a T5 with the tokenizer of ByT5, or the backend cannot be used here
   */
  public static TextToText open(Path folder, BackendChoice choice) {
    Path configFile = folder.resolve("config.json");
    if (!Files.isRegularFile(configFile)) {
      throw new UserException("option --model: " + folder + ": found no config.json, expected the folder of a ByT5");
    }
    T5ForConditionalGenerationConfig config = T5ForConditionalGenerationConfig.read(configFile);
    int vocabSize = config.encoder().vocabSize();
    if (vocabSize != ByT5Tokenizer.VOCABULARY) {
      throw new UserException(
          configFile + ": vocab_size: found " + vocabSize + ", expected " + ByT5Tokenizer.VOCABULARY
              + " (ByT5; the tokenizers of other T5 are not implemented)");
    }
    try (WeightSource source = WeightSource.open(folder)) {
      boolean ownOutput = source.tensors().containsKey(T5ForConditionalGenerationWeightNames.LM_HEAD);
      config = config.withTiedEmbeddings(!ownOutput);
    }
    return new TextToText(folder, config, choice);
  }

  /**
   * Answers each text.
   *
   * @param maxNewTokens most tokens (bytes of UTF-8) of an answer
   */
  public List<Answer> answer(List<String> texts, int maxNewTokens) {
    List<Answer> answers = new ArrayList<>();
    for (int first = 0; first < texts.size(); first += BATCH) {
      answers.addAll(answerTogether(texts.subList(first, Math.min(texts.size(), first + BATCH)), maxNewTokens));
    }
    return answers;
  }

  private List<Answer> answerTogether(List<String> texts, int maxNewTokens) {
    List<Tokenizer.Encoded> encoded = texts.stream().map(tokenizer::encode).toList();
    int longest = encoded.stream().mapToInt(Tokenizer.Encoded::numTokens).max().orElseThrow();
    int length = Math.ceilDiv(longest, LENGTH_STEP) * LENGTH_STEP;
    int[] ids = new int[texts.size() * length];
    int[] mask = new int[ids.length];
    for (int row = 0; row < texts.size(); row++) {
      System.arraycopy(encoded.get(row).row(length, tokenizer.padId()), 0, ids, row * length, length);
      System.arraycopy(encoded.get(row).mask(length), 0, mask, row * length, length);
    }
    int[][] written = decoder.generate(texts.size(), ids, mask, maxNewTokens, GreedyDecoder.StepListener.NONE);
    List<Answer> answers = new ArrayList<>();
    for (int row = 0; row < texts.size(); row++) {
      boolean ended = false;
      for (int id : written[row]) {
        ended |= settings.eosTokenIds().contains(id);
      }
      answers.add(new Answer(ByT5Tokenizer.decode(written[row], true), ended, encoded.get(row).cut()));
    }
    return answers;
  }

  @Override
  public void close() {
    backend.close();
    weights.close();
  }
}
