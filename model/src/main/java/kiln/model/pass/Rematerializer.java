package kiln.model.pass;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kiln.model.autodiff.ForwardNodes;
import kiln.model.graph.Graph;
import kiln.model.graph.Node;
import kiln.model.graph.Value;

/**
 * Trades time for memory: computes activations once more in the backward pass instead of keeping them. The forward pass is cut
 * into segments (see {@link Remat}), and only what crosses their borders is kept; when the backward pass reaches a segment, its
 * nodes are appended to the graph again, reading what was kept (Chen et al. 2016, “Training Deep Nets with Sublinear Memory
 * Cost”). Segments may have segments of their own, whose borders are kept only while the outer one is worked on (the recursion
 * of Griewank and Walther 2000, “Algorithm 799: revolve”).
 *
 * <p>Nodes that are appended in vain are dropped when the plan is made, as all that nobody needs. The same kernels run on the
 * same numbers (no operation draws random ones), so that gradients are the same bits.
 */
public final class Rematerializer implements ForwardNodes {
  /** Appended to the scope of nodes that are computed once more. */
  public static final String MARK = "'recomputed";

  /** A segment computed once more: what its values have become. */
  private record Replay(Segments.Segment segment, Map<Value, Value> values) {}

  private final Graph graph;
  private final Segments segments;
  private final List<Replay> replays = new ArrayList<>(); // by depth

  private Rematerializer(Graph graph, Segments segments) {
    this.graph = graph;
    this.segments = segments;
  }

  /**
   * For the gradients of {@code loss}, whose forward pass is all that its graph holds so far.
   */
  public static ForwardNodes of(Value loss, Remat remat) {
    return remat == Remat.NONE
        ? ForwardNodes.KEPT
        : new Rematerializer(loss.graph(), new Segments(loss.graph(), loss, remat));
  }

  @Override
  public Node forBackward(Node node) {
    List<Segments.Segment> path = segments.of(node);
    for (int depth = 0; depth < path.size(); depth++) {
      if (depth >= replays.size() || replays.get(depth).segment != path.get(depth)) {
        replays.subList(depth, replays.size()).clear();
        replays.add(replay(path.get(depth)));
      }
    }
    List<Value> inputs = node.inputs().stream().map(this::current).toList();
    List<Value> outputs = node.outputs().stream().map(this::current).toList();
    return new Node(node.index(), node.op(), inputs, outputs, node.scope());
  }

  /** Appends the nodes of a segment again, reading what surrounds it as it is now. */
  private Replay replay(Segments.Segment segment) {
    Map<Value, Value> values = new HashMap<>();
    for (Node node : segment.nodes()) {
      List<Value> inputs = new ArrayList<>();
      for (Value input : node.inputs()) {
        inputs.add(values.containsKey(input) ? values.get(input) : current(input));
      }
      List<Value> outputs = graph.scoped(node.scope() + MARK, () -> graph.apply(node.op(), inputs));
      for (int i = 0; i < outputs.size(); i++) {
        values.put(node.output(i), outputs.get(i));
      }
    }
    return new Replay(segment, values);
  }

  /** A value of the forward pass where the backward pass finds it. */
  private Value current(Value value) {
    int depth = segments.keptDepth(value);
    return depth == 0 ? value : replays.get(depth - 1).values.get(value);
  }
}
