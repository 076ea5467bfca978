package kiln.model.network;

import java.util.List;
import kiln.model.graph.Parameter;
import kiln.model.graph.Value;

/** Turns the token ids of captions into what a UNet is steered by. */
public interface TextEncoder {
  List<Parameter> parameters();

  /** Width of the encodings: the {@code cross_attention_dim} of a UNet that reads them. */
  int width();

  /** Most tokens of one text; {@link Integer#MAX_VALUE} if the network itself sets no limit. */
  int maxTokens();

  /**
   * Whether the UNet is to be told which encodings are padding, so that it attends to none of them. False for CLIP: Stable
   * Diffusion was trained on all of its rows, and without a mask inside the encoder either.
   */
  boolean masksPadding();

  /**
   * @param ids int32 [N, L]
   * @param mask int32 [N, L], 1 = token, 0 = padding
   * @return [N, L, width], also at padded positions
   */
  Value apply(Value ids, Value mask);
}
