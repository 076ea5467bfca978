package kiln.model.plan;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kiln.bindings.Region;
import kiln.model.graph.Graph;
import kiln.model.graph.Node;
import kiln.model.graph.Value;
import kiln.model.op.Affine;
import kiln.model.op.Binary;
import kiln.model.op.Op;
import kiln.model.op.Reshape;

/**
 * Turns a graph into a {@link Plan}: drops what no output needs, lets views share the place of what they view, computes
 * lifetimes, lays intermediates into one region, and prepares a launch per node.
 *
 * <p>Inputs and outputs live as long as the plan, in its region unless bound to a place of the caller's.
 */
public final class PlanBuilder {
  private final Graph graph;
  private final Backend backend;
  private final Map<Value, MemorySegment> bound = new LinkedHashMap<>();
  private final Set<Value> outputs = new LinkedHashSet<>();
  private final Map<Value, Buffer> sums = new LinkedHashMap<>();
  private final Map<Value, List<Launch>> afterwards = new HashMap<>();

  private final Map<Value, Buffer> buffers = new HashMap<>();
  private final Map<Value, Buffer> copies = new HashMap<>();

  public PlanBuilder(Graph graph, Backend backend) {
    this.graph = graph;
    this.backend = backend;
  }

  /** Keeps {@code value} readable after a run. */
  public PlanBuilder output(Value value) {
    outputs.add(value);
    return this;
  }

  /** Keeps {@code value} in {@code place}; for an output, this is where the kernel writes. */
  public PlanBuilder bind(Value value, MemorySegment place) {
    bound.put(value, place);
    return this;
  }

  /** Adds {@code value} to what is in {@code place} as soon as it is final; the value itself is not kept. */
  public PlanBuilder accumulate(Value value, MemorySegment place) {
    sums.put(value, new Buffer(value.type(), place));
    return this;
  }

  /** Runs {@code launch} as soon as {@code value}, an output or accumulated, is final. */
  public PlanBuilder after(Value value, Launch launch) {
    afterwards.computeIfAbsent(value, v -> new ArrayList<>()).add(launch);
    return this;
  }

  /**
   * @throws IllegalArgumentException if a bound place has the wrong size
   */
  public Plan build() {
    List<Node> live = liveNodes();
    graph.values().forEach(value -> buffers.put(value, newBuffer(value)));
    bindPlaces();
    Map<Value, MemoryPlanner.Block> blocks = lifetimes(live);
    long intermediates = MemoryPlanner.place(List.copyOf(blocks.values()));

    List<Launch> launches = new ArrayList<>();
    List<String> labels = new ArrayList<>();
    Scratch scratch = new Scratch();
    for (Node node : live) {
      if (!(node.op() instanceof Reshape)) {
        scratch.nextLaunch();
        launches.add(backend.prepare((Op) node.op(), buffersOf(node.inputs()), buffersOf(node.outputs()), scratch));
        labels.add(node.op().getClass().getSimpleName() + " " + node.scope());
      }
      for (Value output : node.outputs()) {
        finish(output, launches, labels, scratch);
      }
    }

    Region region = Region.allocate("plan", Math.max(1, intermediates + scratch.bytes()));
    blocks.forEach((v, block) -> buffers.get(v).bind(region.segment().asSlice(block.offset, v.type().bytes())));
    scratch.place(region.segment().asSlice(intermediates, scratch.bytes()));
    long flops = live.stream().mapToLong(FlopCount::of).sum();
    return new Plan(launches, labels, visibleBuffers(), region, flops);
  }

  /** Nodes that something asked for depends on, in order. */
  private List<Node> liveNodes() {
    Set<Value> needed = new LinkedHashSet<>(outputs);
    needed.addAll(sums.keySet());
    List<Node> live = new ArrayList<>();
    for (Node node : graph.nodes().reversed()) {
      if (node.outputs().stream().anyMatch(needed::contains)) {
        live.add(node);
        needed.addAll(node.inputs());
      }
    }
    return live.reversed();
  }

  private static boolean isView(Value value) {
    return !value.isInput() && value.producer().op() instanceof Reshape;
  }

  /** The value whose memory {@code value} uses: itself, or what a chain of reshapes started from. */
  private static Value storage(Value value) {
    Value v = value;
    while (isView(v)) {
      v = v.producer().input(0);
    }
    return v;
  }

  private Buffer newBuffer(Value value) {
    return isView(value) ? Buffer.view(value.type(), buffers.get(value.producer().input(0))) : new Buffer(value.type());
  }

  private List<Buffer> buffersOf(List<Value> values) {
    return values.stream().map(buffers::get).toList();
  }

  /**
   * Gives bound values their place. An output whose memory already is an input's or another output's place (a gradient that two
   * parameters share, for example) is copied to its own instead.
   */
  private void bindPlaces() {
    Set<Value> taken = new LinkedHashSet<>();
    bound.forEach((value, place) -> {
      Value storage = storage(value);
      boolean inPlace = storage == value || !storage.isInput();
      if (inPlace && taken.add(storage)) {
        buffers.get(value).bind(place);
      } else {
        copies.put(value, new Buffer(value.type(), place));
      }
    });
  }

  /** The blocks of all storage that the region must hold, with the launches between which each is alive. */
  private Map<Value, MemoryPlanner.Block> lifetimes(List<Node> live) {
    Set<Value> placed = new LinkedHashSet<>();
    bound.keySet().stream().filter(v -> !copies.containsKey(v)).forEach(v -> placed.add(storage(v)));
    Map<Value, MemoryPlanner.Block> blocks = new LinkedHashMap<>();
    for (Value value : graph.values()) {
      if (value.isInput() && !placed.contains(value)) {
        blocks.put(value, new MemoryPlanner.Block(value.type().bytes(), 0));
      }
    }
    for (int i = 0; i < live.size(); i++) {
      for (Value output : live.get(i).outputs()) {
        if (!isView(output) && !placed.contains(output)) {
          blocks.put(output, new MemoryPlanner.Block(output.type().bytes(), i));
        }
      }
      for (Value input : live.get(i).inputs()) {
        MemoryPlanner.Block block = blocks.get(storage(input));
        if (block != null) {
          block.last = i;
        }
      }
    }
    for (Value value : graph.values()) {
      MemoryPlanner.Block block = blocks.get(storage(value));
      if (block != null && (value.isInput() || outputs.contains(value))) {
        block.last = live.size();
      }
    }
    return blocks;
  }

  private void finish(Value output, List<Launch> launches, List<String> labels, Scratch scratch) {
    Buffer copy = copies.get(output);
    if (copy != null) {
      scratch.nextLaunch();
      launches.add(backend.prepare(new Affine(1, 0), List.of(buffers.get(output)), List.of(copy), scratch));
      labels.add("copy " + output.name());
    }
    Buffer sum = sums.get(output);
    if (sum != null) {
      scratch.nextLaunch();
      Binary add = new Binary(Binary.Kind.ADD);
      launches.add(backend.prepare(add, List.of(sum, buffers.get(output)), List.of(sum), scratch));
      labels.add("accumulate " + output.name());
    }
    for (Launch launch : afterwards.getOrDefault(output, List.of())) {
      launches.add(launch);
      labels.add("after " + output.name());
    }
  }

  private Map<Value, Buffer> visibleBuffers() {
    Map<Value, Buffer> visible = new HashMap<>();
    for (Value value : graph.values()) {
      if (value.isInput() || outputs.contains(value)) {
        visible.put(value, copies.getOrDefault(value, buffers.get(value)));
      }
    }
    return visible;
  }
}
