package kiln.launcher.explain;

import kiln.bindings.UserException;
import kiln.launcher.preset.Precision;
import kiln.model.graph.DType;
import kiln.model.pass.Remat;

/**
 * The shapes that a user asks for.
 *
 * @param size of pictures in pixels; null for the network's own
 * @param latents of a UNet's input; null for the network's own, or what fits {@code size}
 * @param batch samples of one forward; null for the preset's, or 1
 * @param tokens of captions; null for 128, or as many as the network takes if that is less
 * @param precision of activations
 * @param remat how much of forward is computed once more in backward; null for what the preset says
 * @param encoded whether frozen networks have been run over the data before
 */
public record Shapes(
    Extent size, Extent latents, Integer batch, Integer tokens, Precision precision, Remat remat, boolean encoded) {
  private static final int TOKENS = 128;

  /** Height and width. */
  public record Extent(int height, int width) {
    Extent times(int factor) {
      return new Extent(height * factor, width * factor);
    }

    @Override
    public String toString() {
      return height + "x" + width;
    }
  }

  /** Pixels of pictures whose latents are {@code factor} times smaller; {@code own} if the user does not say. */
  Extent pixels(int own, int factor) {
    Extent asked = size != null ? size : latents != null ? latents.times(factor) : new Extent(own, own);
    if (asked.height % factor != 0 || asked.width % factor != 0) {
      throw new UserException("option --size: expected multiples of " + factor + ", found " + asked);
    }
    return asked;
  }

  /** Extent of what a network reads that knows neither pixels nor latents apart; {@code own} if the user does not say. */
  Extent input(int own) {
    if (size != null && latents != null) {
      throw new UserException("option --size: expected one of --size and --shape, found both");
    }
    return size != null ? size : latents != null ? latents : new Extent(own, own);
  }

  /**
   * @throws UserException if the user asks for more than {@code most}
   */
  int tokens(int most) {
    if (tokens != null && tokens > most) {
      throw new UserException("option --tokens: expected at most " + most + ", found " + tokens);
    }
    return tokens != null ? tokens : Math.min(TOKENS, most);
  }

  /** The type of activations. */
  DType compute() {
    return precision.compute();
  }

  /** The same with so many samples in one forward. */
  Shapes withBatch(int samples) {
    return new Shapes(size, latents, samples, tokens, precision, remat, encoded);
  }

  int batch(int own) {
    return batch != null ? batch : own;
  }
}
