package kiln.model.pass;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import kiln.model.graph.Graph;
import kiln.model.graph.Node;
import kiln.model.graph.Value;
import kiln.model.op.Cast;
import kiln.model.op.Concat;
import kiln.model.op.GroupNorm;
import kiln.model.op.LayerNorm;
import kiln.model.op.Op;
import kiln.model.op.Pad;
import kiln.model.op.Permute;
import kiln.model.op.Reshape;
import kiln.model.op.RmsNorm;
import kiln.model.op.Slice;
import kiln.model.op.UpsampleNearest;

/**
 * The forward pass cut into runs of nodes, those cut into shorter runs, and so on.
 *
 * <pre>
 *   depth 0   |       level        |       level        |
 *   depth 1   | block | block |    | block |    | block |
 * </pre>
 */
final class Segments {
  /** A run of nodes; two of them are equal if they are the same. */
  static final class Segment {
    private final List<String> path; // names of the parts of the network, from the outermost to this one
    private final List<Node> nodes = new ArrayList<>();

    private Segment(List<String> path) {
      this.path = path;
    }

    List<Node> nodes() {
      return Collections.unmodifiableList(nodes);
    }
  }

  private final List<List<Segment>> ofNode = new ArrayList<>(); // by node, then by depth
  private final int[] keptDepth; // by value

  /** Cuts all that {@code graph} holds so far; {@code result} counts as read from outside. */
  Segments(Graph graph, Value result, Remat remat) {
    List<List<String>> paths = paths(graph.nodes(), remat);
    List<Segment> open = List.of();
    for (Node node : graph.nodes()) {
      open = next(open, paths.get(node.index()));
      open.forEach(segment -> segment.nodes.add(node));
      ofNode.add(open);
    }
    keptDepth = new int[graph.values().size()];
    for (Value value : graph.values()) {
      keptDepth[value.id()] = value.isInput() || value == result ? 0 : of(value.producer()).size();
    }
    for (Node node : graph.nodes()) {
      for (Value input : node.inputs()) {
        if (!input.isInput()) {
          keptDepth[input.id()] = Math.min(keptDepth[input.id()], common(of(node), of(input.producer())));
        }
      }
    }
  }

  /** The segments that a node is in, from the outermost to the innermost. */
  List<Segment> of(Node node) {
    return ofNode.get(node.index());
  }

  /**
   * How many of its producer's segments a value is read within only: 0 if it is kept from the forward pass, d if it is kept while
   * the segment at depth d − 1 is worked on.
   */
  int keptDepth(Value value) {
    return keptDepth[value.id()];
  }

  /**
   * What comes right before a part that reads it, and is cheap for its size, belongs to that part: copies (the joined inputs of a
   * UNet's way up, for example) and norms.
   */
  private static List<List<String>> paths(List<Node> nodes, Remat remat) {
    List<List<String>> paths = new ArrayList<>(nodes.stream().map(node -> remat.path(node.scope())).toList());
    for (int i = nodes.size() - 2; i >= 0; i--) {
      List<String> next = paths.get(i + 1);
      boolean read = nodes.get(i + 1).inputs().contains(nodes.get(i).output(0));
      if (read && cheap((Op) nodes.get(i).op()) && startsWith(next, paths.get(i))) {
        paths.set(i, next);
      }
    }
    return paths;
  }

  private static boolean cheap(Op op) {
    return switch (op) {
      case Cast _, Concat _, Pad _, Permute _, Reshape _, Slice _, UpsampleNearest _ -> true;
      case GroupNorm _, LayerNorm _, RmsNorm _ -> true;
      default -> false;
    };
  }

  private static boolean startsWith(List<String> path, List<String> start) {
    return path.size() >= start.size() && path.subList(0, start.size()).equals(start);
  }

  /** The segments of a node with {@code path} after one with {@code open}: those that go on, then new ones. */
  private static List<Segment> next(List<Segment> open, List<String> path) {
    List<Segment> segments = new ArrayList<>();
    boolean goesOn = true;
    for (int depth = 0; depth < path.size(); depth++) {
      List<String> prefix = path.subList(0, depth + 1);
      goesOn = goesOn && depth < open.size() && open.get(depth).path.equals(prefix);
      segments.add(goesOn ? open.get(depth) : new Segment(List.copyOf(prefix)));
    }
    return segments;
  }

  private static int common(List<Segment> a, List<Segment> b) {
    int depth = 0;
    while (depth < Math.min(a.size(), b.size()) && a.get(depth) == b.get(depth)) {
      depth++;
    }
    return depth;
  }
}
