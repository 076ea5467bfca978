package kiln.model.plan;

import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import kiln.model.graph.Graph;
import kiln.model.graph.Node;
import kiln.model.graph.Value;
import kiln.model.op.Op;
import kiln.model.op.Reshape;

/**
 * Between which nodes of a plan each tensor must lie in its region. Views have no place of their own, and a kernel that may write
 * over an input that nobody reads after it goes on with that input's place.
 */
final class Lifetimes {
  private final List<Node> live;
  private final Backend backend;
  private final Set<Value> elsewhere;
  private final Predicate<Value> kept;

  /**
   * @param live the nodes that run, in order
   * @param elsewhere storage that lies in places of the caller's
   * @param kept whether a value is read after the run
   */
  Lifetimes(List<Node> live, Backend backend, Set<Value> elsewhere, Predicate<Value> kept) {
    this.live = live;
    this.backend = backend;
    this.elsewhere = elsewhere;
    this.kept = kept;
  }

  static boolean isView(Value value) {
    return !value.isInput() && value.producer().op() instanceof Reshape;
  }

  /** The value whose memory {@code value} uses: itself, or what a chain of reshapes started from. */
  static Value storage(Value value) {
    Value v = value;
    while (isView(v)) {
      v = v.producer().input(0);
    }
    return v;
  }

  /** The blocks of all storage that the region must hold; several have the same if they take over each other's. */
  Map<Value, MemoryPlanner.Block> blocks(Graph graph) {
    Map<Value, Integer> lastReads = lastReads(graph);
    Map<Value, MemoryPlanner.Block> blocks = new LinkedHashMap<>();
    for (Value value : graph.values()) {
      if (value.isInput() && !elsewhere.contains(value)) {
        blocks.put(value, new MemoryPlanner.Block(value.type().bytes(), 0));
      }
    }
    for (int i = 0; i < live.size(); i++) {
      for (Value output : live.get(i).outputs()) {
        if (!isView(output) && !elsewhere.contains(output)) {
          Value over = overwritten(output, i, lastReads, blocks);
          blocks.put(output, over == null ? new MemoryPlanner.Block(output.type().bytes(), i) : blocks.get(over));
        }
      }
    }
    blocks.forEach((value, block) -> block.last = Math.max(block.last, lastReads.getOrDefault(value, 0)));
    return blocks;
  }

  /** For all storage that is read, the last node that does so; the number of nodes for what outlives the run. */
  private Map<Value, Integer> lastReads(Graph graph) {
    Map<Value, Integer> last = new HashMap<>();
    for (int i = 0; i < live.size(); i++) {
      for (Value input : live.get(i).inputs()) {
        last.put(storage(input), i);
      }
    }
    for (Value value : graph.values()) {
      if (kept.test(value)) {
        last.put(storage(value), live.size());
      }
    }
    return last;
  }

  /** The storage of an input, in the region and with its end at node {@code i}, that {@code output} may take over; or null. */
  private Value overwritten(
      Value output, int i, Map<Value, Integer> lastReads, Map<Value, MemoryPlanner.Block> blocks) {
    Node node = output.producer();
    List<Value> places = node.inputs().stream().map(Lifetimes::storage).toList();
    for (int k = 0; output.outputIndex() == 0 && k < places.size(); k++) {
      Value place = places.get(k);
      boolean sameType = node.input(k).type().dtype() == output.type().dtype();
      sameType = sameType && node.input(k).shape().elements() == output.shape().elements();
      boolean ends = blocks.containsKey(place) && lastReads.get(place) == i && Collections.frequency(places, place) == 1;
      if (sameType && ends && backend.mayOverwrite((Op) node.op(), k)) {
        return place;
      }
    }
    return null;
  }
}
