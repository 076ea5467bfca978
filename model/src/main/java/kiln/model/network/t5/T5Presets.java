package kiln.model.network.t5;

/**
 * The published T5 family, as the {@code config.json} of the repositories in the {@code google} organisation say: ByT5 (Xue et
 * al. 2022), T5 v1.1, and the T5 of 2019 (Raffel et al. 2020), whose output layer is the table of embeddings.
 */
public final class T5Presets {
  private static final int BYTE_VOCABULARY = 384;
  private static final int PIECE_VOCABULARY = 32128;

  private T5Presets() {}

  /** google/byt5-small: 299,637,760 parameters, 217,657,472 in the encoder. */
  public static T5ForConditionalGenerationConfig byT5Small() {
    return v11(BYTE_VOCABULARY, 1472, 3584, 6, 12, 4);
  }

  /** google/byt5-base: 581,653,248 parameters, 414,703,488 in the encoder. */
  public static T5ForConditionalGenerationConfig byT5Base() {
    return v11(BYTE_VOCABULARY, 1536, 3968, 12, 18, 6);
  }

  /** google/byt5-large: 1,228,183,552 parameters, 864,204,800 in the encoder. */
  public static T5ForConditionalGenerationConfig byT5Large() {
    return v11(BYTE_VOCABULARY, 1536, 3840, 16, 36, 12);
  }

  /** google/byt5-xl: 3,737,801,728 parameters, 2,614,091,264 in the encoder. */
  public static T5ForConditionalGenerationConfig byT5Xl() {
    return v11(BYTE_VOCABULARY, 2560, 6720, 32, 36, 12);
  }

  /** google/byt5-xxl: 12,906,899,328 parameters, 8,990,317,632 in the encoder. */
  public static T5ForConditionalGenerationConfig byT5Xxl() {
    return v11(BYTE_VOCABULARY, 4672, 12352, 64, 36, 12);
  }

  /** Shaped as ByT5, for tests: 55,328 parameters, 29,984 in the encoder. */
  public static T5ForConditionalGenerationConfig byT5Tiny() {
    T5Config encoder = new T5Config(BYTE_VOCABULARY, 32, 8, 48, 2, 4, 32, 128, 1e-6, 1);
    return new T5ForConditionalGenerationConfig(encoder, 1, false, false, 0, 1, 0);
  }

  /** google/t5-v1_1-small: 76,961,152 parameters. */
  public static T5ForConditionalGenerationConfig t5V11Small() {
    return v11(PIECE_VOCABULARY, 512, 1024, 6, 8, 8);
  }

  /** google/t5-v1_1-base: 247,577,856 parameters. */
  public static T5ForConditionalGenerationConfig t5V11Base() {
    return v11(PIECE_VOCABULARY, 768, 2048, 12, 12, 12);
  }

  /** google/t5-v1_1-large: 783,150,080 parameters. */
  public static T5ForConditionalGenerationConfig t5V11Large() {
    return v11(PIECE_VOCABULARY, 1024, 2816, 16, 24, 24);
  }

  /** google/t5-v1_1-xl: 2,849,757,184 parameters. */
  public static T5ForConditionalGenerationConfig t5V11Xl() {
    return v11(PIECE_VOCABULARY, 2048, 5120, 32, 24, 24);
  }

  /** google/t5-v1_1-xxl: 11,135,332,352 parameters, 4,762,310,656 in the encoder. */
  public static T5ForConditionalGenerationConfig t5V11Xxl() {
    return v11(PIECE_VOCABULARY, 4096, 10240, 64, 24, 24);
  }

  /** google-t5/t5-small: 60,506,624 parameters. */
  public static T5ForConditionalGenerationConfig t5Small() {
    return of2019(512, 2048, 8, 6);
  }

  /** google-t5/t5-base: 222,903,552 parameters. */
  public static T5ForConditionalGenerationConfig t5Base() {
    return of2019(768, 3072, 12, 12);
  }

  /** google-t5/t5-large: 737,668,096 parameters. */
  public static T5ForConditionalGenerationConfig t5Large() {
    return of2019(1024, 4096, 16, 24);
  }

  private static T5ForConditionalGenerationConfig v11(
      int vocabSize, int dModel, int dFf, int numHeads, int numLayers, int numDecoderLayers) {
    T5Config encoder = new T5Config(vocabSize, dModel, 64, dFf, numLayers, numHeads, 32, 128, 1e-6, 1);
    return new T5ForConditionalGenerationConfig(encoder, numDecoderLayers, false, false, 0, 1, 0);
  }

  private static T5ForConditionalGenerationConfig of2019(int dModel, int dFf, int numHeads, int numLayers) {
    T5Config.FeedForward relu = T5Config.FeedForward.RELU;
    T5Config encoder = new T5Config(PIECE_VOCABULARY, dModel, 64, dFf, numLayers, numHeads, 32, 128, 1e-6, 1, relu);
    return new T5ForConditionalGenerationConfig(encoder, numLayers, true, true, 0, 1, 0);
  }
}
