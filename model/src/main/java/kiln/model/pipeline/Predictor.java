package kiln.model.pipeline;

/** What a walk asks at every step: the network, with guidance if there is any. */
@FunctionalInterface
interface Predictor {
  /**
   * @param sample what the walk has reached, of all pictures of the batch
   * @param inputScale what it is multiplied by before the network sees it
   * @param output where the prediction goes, of the sample's size
   */
  void predict(float[] sample, float inputScale, float timestep, float[] output);
}
