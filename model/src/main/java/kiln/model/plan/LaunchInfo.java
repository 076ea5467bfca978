package kiln.model.plan;

import kiln.model.graph.Node;
import kiln.model.graph.Value;

/**
 * What a launch is, for profiles.
 *
 * @param kind the operation's name, as {@code Conv2d}; {@link #COPY}, {@link #ACCUMULATE} or {@link #AFTER} for what a plan adds
 * @param scope of the node, as {@code unet.conv_in}; backward nodes have that of the forward node and {@code '}, those
 *     of them that compute something once more {@code 'recomputed}
 * @param flops of products and convolutions, a multiplication and an addition counting as two
 * @param bytes read and written at least (see {@link Traffic})
 */
public record LaunchInfo(String kind, String scope, long flops, long bytes) {
  /** Copies a value to the second place that it is bound to. */
  public static final String COPY = "Copy";

  /** Adds a gradient to those of other micro-batches. */
  public static final String ACCUMULATE = "Accumulate";

  /** What the caller runs as soon as a value is final. */
  public static final String AFTER = "After";

  /** Waits for weights that are only there while they are used (see {@link Residency}). */
  static final LaunchInfo ENTER = new LaunchInfo("wait for weights", "", 0, 0);

  /** Takes them away. */
  static final LaunchInfo LEAVE = new LaunchInfo("give back weights", "", 0, 0);

  private static final char BACKWARD = '\'';

  static LaunchInfo of(Node node) {
    return new LaunchInfo(node.op().getClass().getSimpleName(), node.scope(), FlopCount.of(node), Traffic.of(node));
  }

  static LaunchInfo copy(Value value) {
    return new LaunchInfo(COPY, value.name(), 0, 2 * value.type().bytes());
  }

  static LaunchInfo accumulate(Value value) {
    return new LaunchInfo(ACCUMULATE, value.name(), 0, 3 * value.type().bytes());
  }

  static LaunchInfo after(Value value) {
    return new LaunchInfo(AFTER, value.name(), 0, 0);
  }

  /** Whether it belongs to the backward pass. */
  public boolean backward() {
    return scope.indexOf(BACKWARD) >= 0;
  }

  /** Whether it is no kernel, but work of this process that hears of what has been launched before it. */
  public boolean onHost() {
    return kind.equals(AFTER) || this == ENTER || this == LEAVE;
  }

  /** The layer's name, without the mark of the backward pass; empty outside of layers. */
  public String layer() {
    return backward() ? scope.substring(0, scope.indexOf(BACKWARD)) : scope;
  }
}
