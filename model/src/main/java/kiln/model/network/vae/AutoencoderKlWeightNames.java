package kiln.model.network.vae;

import java.util.Map;
import kiln.model.weights.WeightNames;

/** Files written before diffusers 0.14 call the parts of the middle attention by other names. */
public final class AutoencoderKlWeightNames implements WeightNames {
  private static final String ATTENTION = ".mid_block.attentions.0.";

  private static final Map<String, String> PARTS =
      Map.of("query", "to_q", "key", "to_k", "value", "to_v", "proj_attn", "to_out.0");

  @Override
  public String parameter(String tensor) {
    int part = tensor.indexOf(ATTENTION) + ATTENTION.length();
    int end = tensor.indexOf('.', part);
    boolean old = part >= ATTENTION.length() && end > part && PARTS.containsKey(tensor.substring(part, end));
    return old ? tensor.substring(0, part) + PARTS.get(tensor.substring(part, end)) + tensor.substring(end) : tensor;
  }
}
