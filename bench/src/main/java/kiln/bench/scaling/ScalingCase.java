package kiln.bench.scaling;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import kiln.launcher.parallel.GradientOptions;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the ranks of one measurement do, as the JSON file that tells them.
 *
 * @param unet config.json
 * @param dtype {@code float32} or {@code bfloat16}
 * @param side extent of the latents
 * @param tokens of a caption
 * @param microBatches of one sample each, per rank and step
 * @param steps that are timed, after two that are not: the first touches memory, the second is the first in the final order
 * @param gradients how they travel
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record ScalingCase(
    @JsonProperty("unet") ObjectNode unet,
    @JsonProperty("dtype") String dtype,
    @JsonProperty("side") int side,
    @JsonProperty("tokens") int tokens,
    @JsonProperty("micro_batches") int microBatches,
    @JsonProperty("steps") int steps,
    @JsonProperty("gradients") GradientOptions gradients) {}
