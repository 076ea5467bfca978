package kiln.model.network;

import java.util.List;
import kiln.model.graph.Parameter;
import kiln.model.graph.Value;

/** Turns the token ids of captions into what a UNet is steered by. */
public interface TextEncoder {
  List<Parameter> parameters();

  /** Width of the encodings: the {@code cross_attention_dim} of a UNet that reads them. */
  int width();

  /**
   * @param ids int32 [N, L]
   * @param mask int32 [N, L], 1 = token, 0 = padding
   * @return [N, L, width], also at padded positions
   */
  Value apply(Value ids, Value mask);
}
