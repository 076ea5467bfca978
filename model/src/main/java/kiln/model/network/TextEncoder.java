package kiln.model.network;

import java.util.List;
import kiln.model.graph.DType;
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

  /** As {@link #apply(Value, Value, DType)}, in float32. */
  default Value apply(Value ids, Value mask) {
    return apply(ids, mask, DType.F32);
  }

  /**
   * @param ids int32 [N, L]
   * @param mask int32 [N, L], 1 = token, 0 = padding
   * @param compute what the layers compute in: float32 or bfloat16
   * @return [N, L, width] of type {@code compute}, also at padded positions
   */
  Value apply(Value ids, Value mask, DType compute);
}
