package kiln.model.plan;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kiln.model.graph.Graph;
import kiln.model.graph.Value;

/** What a {@link PlanBuilder} was asked for: its methods say what each means. */
final class PlanRequest {
  /** {@code place} is null if it is not known yet. */
  record Binding(Value value, MemorySegment place) {}

  final Graph graph;
  final Backend backend;
  final List<Binding> bound = new ArrayList<>();
  final Set<Value> outputs = new LinkedHashSet<>();
  final Set<Value> constants = new HashSet<>();
  final Map<Value, Buffer> narrowed = new HashMap<>();
  final Set<Value> steady = new HashSet<>();
  final Map<Value, List<Buffer>> sums = new LinkedHashMap<>();
  final Map<Value, List<Launch>> afterwards = new HashMap<>();
  final Map<Value, Integer> groups = new HashMap<>();
  long tellEvery = Long.MAX_VALUE; // bytes
  Residency residency; // null if all parameters are always there
  Value unplaced; // one whose place is not known; null if all are

  PlanRequest(Graph graph, Backend backend) {
    this.graph = graph;
    this.backend = backend;
  }
}
