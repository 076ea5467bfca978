package kiln.model.network.unet;

import kiln.model.graph.Value;

/**
 * What steers every block.
 *
 * @param time SiLU of the time embedding and all that is added to it, [N, timeEmbeddingDim]
 * @param text encodings of the caption, [N, L, D]; null in a network without text
 * @param mask int32 [N, L], 1 = token, 0 = padding; null if all are attended to
 */
record Conditioning(Value time, Value text, Value mask) {}
