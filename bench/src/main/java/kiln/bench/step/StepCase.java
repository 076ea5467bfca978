package kiln.bench.step;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import kiln.model.graph.DType;
import kiln.model.pass.Remat;
import tools.jackson.databind.node.ObjectNode;

/**
 * What both sides run, as the JSON file that tells the other process (see bench/peers/peer.py).
 *
 * @param kind {@code step}, {@code t5}, {@code vae-encode} or {@code text-to-image}
 * @param dtype {@code float32} or {@code bfloat16}
 * @param unet config.json; absent where there is none
 * @param vae the same
 * @param textEncoder the same
 * @param height of the latents for {@code step}, else of the picture
 * @param width the same
 * @param tokens of a caption
 * @param steps of the sampler
 * @param repeats timed runs of one process, after one that is not
 * @param remat what a training step of Kiln computes once more; the other side keeps everything
 * @param threads of the kernels
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record StepCase(
    @JsonProperty("case") String kind,
    @JsonProperty("dtype") String dtype,
    @JsonProperty("unet") ObjectNode unet,
    @JsonProperty("vae") ObjectNode vae,
    @JsonProperty("text_encoder") ObjectNode textEncoder,
    @JsonProperty("batch") int batch,
    @JsonProperty("height") int height,
    @JsonProperty("width") int width,
    @JsonProperty("tokens") int tokens,
    @JsonProperty("steps") int steps,
    @JsonProperty("repeats") int repeats,
    @JsonProperty("remat") Remat remat,
    @JsonProperty("threads") int threads) {

  /** The same with other numbers of samples. */
  public StepCase withBatch(int samples) {
    return new StepCase(
        kind, dtype, unet, vae, textEncoder, samples, height, width, tokens, steps, repeats, remat, threads);
  }

  /** The element type of products, convolutions and activations. */
  public DType computed() {
    return dtype.equals("bfloat16") ? DType.BF16 : DType.F32;
  }
}
