package kiln.model.pass;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** How much of the forward pass the backward pass computes once more instead of having it kept (see {@link Rematerializer}). */
public enum Remat {
  /** Nothing: all that gradients read is kept. */
  @JsonProperty("none")
  NONE,

  /**
   * What is inside of blocks: kept are the outputs of residual blocks, transformer blocks, attentions and resamplings of UNet and
   * autoencoder, and of the layers of text encoders. Costs a forward pass without what ends the blocks: a quarter of the step.
   */
  @JsonProperty("blocks")
  BLOCKS(Patterns.BLOCK),

  /**
   * What is inside of stages: kept are the outputs of residual blocks with the attention after them, of resamplings and layers of
   * text encoders. A stage is computed once more up to its last block, a block up to its last part, a part whole. Costs about
   * half of the step; what is alive at once is little more than half of what it is with {@link #BLOCKS}.
   */
  @JsonProperty("full")
  FULL(Patterns.STAGE, Patterns.BLOCK, Patterns.PART);

  /** Names of the networks' parts, with the number that tells them from their like. */
  private static final class Patterns {
    /** The same number for {@code resnets} and {@code attentions}: one follows the other. */
    static final Pattern STAGE = Pattern.compile("(.*\\b(?:(?:down|up)_blocks\\.\\d+|mid_block)\\.)(?:resnets|attentions)(\\.\\d+)");

    static final Pattern BLOCK =
        Pattern.compile("(.*\\b(?:resnets|attentions|transformer_blocks|downsamplers|upsamplers|block|layers)\\.\\d+)");

    /** Of residual blocks, of transformer blocks, and of the layers of T5 and CLIP. */
    static final Pattern PART = Pattern.compile("(.*\\b(?:conv1|conv2|attn1|attn2|ff|layer\\.\\d+|self_attn|mlp))");
  }

  private final List<Pattern> patterns;

  Remat(Pattern... patterns) {
    this.patterns = List.of(patterns);
  }

  /**
   * The parts of the network that a node is in, from the largest to the smallest: of each, only what others read is kept.
   *
   * @param scope of the node
   */
  List<String> path(String scope) {
    return patterns.stream().flatMap(pattern -> name(pattern.matcher(scope))).toList();
  }

  /** The name of the innermost part that fits. */
  private static Stream<String> name(Matcher matcher) {
    if (!matcher.lookingAt()) {
      return Stream.empty();
    }
    StringBuilder name = new StringBuilder();
    for (int group = 1; group <= matcher.groupCount(); group++) {
      name.append(matcher.group(group));
    }
    return Stream.of(name.toString());
  }

  /** As users write it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
