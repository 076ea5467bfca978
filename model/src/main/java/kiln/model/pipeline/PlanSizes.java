package kiln.model.pipeline;

import java.util.stream.LongStream;

/**
 * The plans of a drawing's phases; of several shapes in a phase, the largest.
 *
 * @param text of the text encoder; nothing if there is no text
 * @param encode of the VAE's encoder; nothing if nothing is encoded
 * @param denoise of the denoising network
 * @param decode of the VAE's decoder; nothing if there is none
 */
public record PlanSizes(PlanSize text, PlanSize encode, PlanSize denoise, PlanSize decode) {
  /** Bytes of the region that all of them lie in, one after the other. */
  public long region() {
    return LongStream.of(text.region(), encode.region(), denoise.region(), decode.region()).max().getAsLong();
  }

  /** Bytes of all plans, once all of them are kept. */
  public long together() {
    return region() + text.kept() + encode.kept() + denoise.kept() + decode.kept();
  }
}
