package kiln.model.network;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kiln.model.weights.WeightNames;

/**
 * Files written before diffusers 0.14 call the projections of {@link kiln.model.layer.SelfAttention2d} query, key, value and
 * proj_attn.
 */
public final class DeprecatedAttentionNames implements WeightNames {
  private static final Pattern OLD = Pattern.compile("(.*\\battentions\\.\\d+\\.)(query|key|value|proj_attn)(\\.\\w+)");

  private static final Map<String, String> PARTS =
      Map.of("query", "to_q", "key", "to_k", "value", "to_v", "proj_attn", "to_out.0");

  @Override
  public String parameter(String tensor) {
    Matcher old = OLD.matcher(tensor);
    return old.matches() ? old.group(1) + PARTS.get(old.group(2)) + old.group(3) : tensor;
  }
}
