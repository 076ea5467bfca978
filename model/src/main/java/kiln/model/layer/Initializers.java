package kiln.model.layer;

import kiln.model.graph.Initializer;

/** Initial distributions that several layers share. */
final class Initializers {
  private Initializers() {}

  /** PyTorch's default for linear and convolution layers, weights and biases: uniform within ±1/√fanIn. */
  static Initializer fanIn(long fanIn) {
    return new Initializer.Uniform((float) (1 / Math.sqrt(fanIn)));
  }
}
