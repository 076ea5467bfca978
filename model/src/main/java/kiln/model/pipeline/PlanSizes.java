package kiln.model.pipeline;

/**
 * Bytes of the plans of a drawing's phases, of which one is in memory at a time.
 *
 * @param text the text encoder's largest plan; 0 if there is no text
 * @param encode the plan of the VAE's encoder; 0 if nothing is encoded
 * @param denoise the denoising network's largest plan
 * @param decode the largest plan of the VAE's decoder; 0 if there is none
 */
public record PlanSizes(long text, long encode, long denoise, long decode) {
  public long largest() {
    return Math.max(Math.max(text, encode), Math.max(denoise, decode));
  }
}
