package kiln.model.plan;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import kiln.bindings.Region;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.Node;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.op.Affine;
import kiln.model.op.Binary;
import kiln.model.op.Op;
import kiln.model.op.Reshape;

/**
 * Turns a graph into a {@link Plan}: drops what no output needs, lets views share the place of what they view and kernels write
 * over what they are the last to read, computes lifetimes, lays intermediates into one region, and prepares a launch per node.
 *
 * <p>Inputs and outputs live as long as the plan, in its region unless bound to a place of the caller's.
 */
public final class PlanBuilder {
  /** {@code place} is null if it is not known yet. */
  private record Binding(Value value, MemorySegment place) {}

  private final Graph graph;
  private final Backend backend;
  private final List<Binding> bound = new ArrayList<>();
  private final Set<Value> outputs = new LinkedHashSet<>();
  private final Set<Value> constants = new HashSet<>();
  private final Map<Value, Buffer> narrowed = new HashMap<>();
  private final Set<Value> steady = new HashSet<>();
  private final Map<Value, List<Buffer>> sums = new LinkedHashMap<>();
  private final Map<Value, List<Launch>> afterwards = new HashMap<>();
  private final Map<Value, Integer> groups = new HashMap<>();
  private Residency residency; // null if all parameters are always there
  private Value unplaced; // one whose place is not known; null if all are

  private final Map<Value, Buffer> buffers = new HashMap<>();
  private final Set<Value> inPlaceStorage = new HashSet<>();
  private final Map<Value, List<Buffer>> copies = new HashMap<>();
  private final Map<Value, Buffer> boundBuffers = new HashMap<>();
  private SteadyNodes steadyNodes = SteadyNodes.none();

  public PlanBuilder(Graph graph, Backend backend) {
    this.graph = graph;
    this.backend = backend;
  }

  /**
   * Keeps {@code value} readable after a run.
   *
   * @throws IllegalArgumentException if it belongs to another graph
   */
  public PlanBuilder output(Value value) {
    if (value.graph() != graph) {
      throw new IllegalArgumentException(value + " belongs to another graph");
    }
    outputs.add(value);
    return this;
  }

  /**
   * Keeps {@code value} in {@code place}: an input is read there, anything else becomes an output that its kernel writes there.
   * A value that two parameters share as their gradient may be bound to the places of both.
   *
   * @throws IllegalArgumentException if it belongs to another graph
   */
  public PlanBuilder bind(Value value, MemorySegment place) {
    output(value);
    bound.add(new Binding(value, place));
    return this;
  }

  /** As {@link #bind(Value, MemorySegment)}, to a place that is not known yet: then the builder can only measure. */
  public PlanBuilder bind(Value value) {
    unplaced = value;
    return bind(value, null);
  }

  /**
   * Says that an input has the same values at every run of the plan, as the weights of a frozen network do: kernels may
   * rearrange them at the first run and keep that.
   */
  public PlanBuilder constant(Value value) {
    constants.add(value);
    return this;
  }

  /**
   * Says that {@code place} holds the float32 values of an input rounded to bfloat16 whenever the plan runs: kernels that want
   * them so need not round them.
   */
  public PlanBuilder narrow(Value value, MemorySegment place) {
    narrow(value);
    narrowed.get(value).bind(place);
    return this;
  }

  /** As {@link #narrow(Value, MemorySegment)}, in a place that is not known yet: enough to measure. */
  public PlanBuilder narrow(Value value) {
    narrowed.put(value, new Buffer(new TensorType(DType.BF16, value.shape())));
    return this;
  }

  /**
   * Says that an input keeps its values from run to run until {@link Plan#steadyInputsChanged} says otherwise: what follows from
   * such inputs and constants alone is computed by the next run, and kept for those after it. (Not with {@link #resident}: then
   * every run computes all.)
   */
  public PlanBuilder steady(Value value) {
    steady.add(value);
    return this;
  }

  /** Adds {@code value} to what is in {@code place} as soon as it is final; the value itself is not kept. */
  public PlanBuilder accumulate(Value value, MemorySegment place) {
    sums.computeIfAbsent(value, v -> new ArrayList<>()).add(new Buffer(value.type(), place));
    return this;
  }

  /** As {@link #accumulate(Value, MemorySegment)}, in a place that is not known yet: then the builder can only measure. */
  public PlanBuilder accumulate(Value value) {
    unplaced = value;
    sums.computeIfAbsent(value, v -> new ArrayList<>()).add(new Buffer(value.type()));
    return this;
  }

  /** Runs {@code launch} as soon as {@code value}, an output or accumulated, is final. */
  public PlanBuilder after(Value value, Launch launch) {
    afterwards.computeIfAbsent(value, v -> new ArrayList<>()).add(launch);
    return this;
  }

  /** Says that the parameters of {@code table} that the graph has are there only when {@code comings} has brought them. */
  public PlanBuilder resident(ParameterTable table, Residency comings) {
    residency = comings;
    graph.parameters().forEach((parameter, value) -> {
      ParameterTable.Entry entry = table.entry(parameter.name());
      if (entry != null && entry.parameter() == parameter) {
        groups.put(value, comings.group(entry.index()));
      }
    });
    return this;
  }

  /** All of a plan but its memory. */
  private record Prepared(
      List<Node> live,
      List<Launch> launches,
      List<LaunchInfo> infos,
      Map<Value, MemoryPlanner.Block> blocks,
      int steadyLaunches,
      Scratch scratch,
      long regionBytes) {
    PlanOutline outline() {
      Map<MemoryPlanner.Block, Value> first = new LinkedHashMap<>();
      blocks.forEach((value, block) -> first.putIfAbsent(block, value));
      scratch.blocks().forEach(block -> first.put(block, null));
      List<PlanOutline.Stay> stays = new ArrayList<>();
      first.forEach((block, value) -> stays.add(new PlanOutline.Stay(value, block.bytes, block.first, block.last)));
      long kept = launches.stream().mapToLong(Launch::keptBytes).sum();
      return new PlanOutline(live, infos, stays, regionBytes, kept);
    }
  }

  /**
   * A plan with a region of its own.
   *
   * @throws IllegalArgumentException if a bound place has the wrong size or is not known, an input is bound twice, or something
   *     is to run after a value that nothing computes
   */
  public Plan build() {
    Prepared prepared = prepare();
    Region region = Region.allocate("plan", prepared.regionBytes);
    return placed(prepared, region.segment(), region);
  }

  /**
   * A plan in memory of the caller's, which other plans may use between its runs: inputs, outputs and what follows from steady
   * inputs are there only until they do.
   *
   * @param memory at least {@link PlanOutline#regionBytes} bytes, at a multiple of 64; it must outlive the plan
   * @throws IllegalArgumentException as {@link #build()}
   */
  public Plan build(MemorySegment memory) {
    return placed(prepare(), memory, null);
  }

  private Prepared prepare() {
    if (unplaced != null) {
      throw new IllegalArgumentException("the place of " + unplaced + " is not known");
    }
    return prepare(liveNodes());
  }

  private Plan placed(Prepared prepared, MemorySegment memory, Region owned) {
    prepared.blocks.forEach((v, block) -> buffers.get(v).bind(memory.asSlice(block.offset, v.type().bytes())));
    prepared.scratch.place(memory);
    return new Plan(prepared.launches, prepared.infos, prepared.steadyLaunches, visibleBuffers(), owned);
  }

  /** The bytes that the plan will take (see {@link #outline}). */
  public long measure() {
    return outline().bytes();
  }

  /**
   * What the plan will launch and hold, without allocating its region. Parameters count as bound to places of the caller's,
   * whether they are yet or not. A builder measures or builds, once.
   */
  public PlanOutline outline() {
    Set<Value> placed = new HashSet<>();
    bound.forEach(binding -> placed.add(binding.value));
    graph.parameters().values().stream().filter(parameter -> !placed.contains(parameter)).forEach(this::bind);
    Prepared prepared = prepare(liveNodes());
    prepared.launches.forEach(Launch::close);
    return prepared.outline();
  }

  private Prepared prepare(List<Node> live) {
    graph.values().forEach(value -> buffers.put(value, newBuffer(value)));
    checkAfterwards(live);
    bindPlaces(live);
    Map<Value, MemoryPlanner.Block> blocks = new Lifetimes(live, backend, inPlaceStorage, this::isKept).blocks(graph);
    List<Launch> launches = new ArrayList<>();
    List<LaunchInfo> infos = new ArrayList<>();
    List<Set<Integer>> reads = new ArrayList<>(); // of each launch
    Scratch scratch = new Scratch();
    int steadyLaunches = 0;
    for (int i = 0; i < live.size(); i++) {
      Node node = live.get(i);
      scratch.forNode(i);
      if (!(node.op() instanceof Reshape)) {
        Launch launch = backend.prepare((Op) node.op(), buffersOf(node.inputs()), buffersOf(node.outputs()), scratch);
        List<Value> last = steadyNodes.read().get(node);
        launches.add(last == null ? launch : new SeldomLaunch(launch, buffersOf(last)));
        infos.add(LaunchInfo.of(node));
        reads.add(groupsOf(node));
      }
      for (Value output : node.outputs()) {
        finish(output, launches, infos, scratch);
      }
      reads.addAll(Collections.nCopies(launches.size() - reads.size(), Set.of()));
      if (steadyNodes.nodes().contains(node)) {
        steadyLaunches = launches.size();
      }
    }
    if (residency != null) {
      if (steadyLaunches > 0) {
        throw new IllegalArgumentException("parameters that come and go cannot be read by what runs only once");
      }
      List<Residency.Visit> visits = Visits.of(reads);
      Visits.insert(launches, infos, visits, residency.plan(visits));
    }
    Set<MemoryPlanner.Block> all = new LinkedHashSet<>(blocks.values());
    all.addAll(scratch.blocks());
    long bytes = Math.max(1, MemoryPlanner.place(List.copyOf(all)));
    return new Prepared(live, launches, infos, blocks, steadyLaunches, scratch, bytes);
  }

  private Set<Integer> groupsOf(Node node) {
    Set<Integer> read = new TreeSet<>();
    for (Value input : node.inputs()) {
      Integer group = groups.get(Lifetimes.storage(input));
      if (group != null) {
        read.add(group);
      }
    }
    return read;
  }

  /** Nodes that something asked for depends on, in order; those of steady inputs first. */
  private List<Node> liveNodes() {
    Set<Value> needed = new LinkedHashSet<>(outputs);
    needed.addAll(sums.keySet());
    List<Node> live = graph.nodesFor(needed);
    if (steady.isEmpty() || residency != null) { // weights come in the order of whole runs
      return live;
    }
    Set<Value> unchanging = new HashSet<>(constants);
    unchanging.addAll(steady);
    steadyNodes = SteadyNodes.of(live, unchanging);
    return steadyNodes.first(live);
  }

  private Buffer newBuffer(Value value) {
    if (Lifetimes.isView(value)) {
      return Buffer.view(value.type(), buffers.get(value.producer().input(0)));
    }
    Buffer buffer = constants.contains(value) ? Buffer.constant(value.type()) : new Buffer(value.type());
    buffer.setNarrow(narrowed.get(value));
    return buffer;
  }

  private List<Buffer> buffersOf(List<Value> values) {
    return values.stream().map(buffers::get).toList();
  }

  /**
   * Gives bound values their place. An output is copied to its place, instead of being computed there, if its memory already is
   * an input's or another output's place (a gradient that two parameters share, for example), or if other nodes read it while
   * what runs after it (a collective, for example) may change it.
   */
  private void bindPlaces(List<Node> live) {
    Map<Value, List<Node>> readers = new HashMap<>();
    for (Node node : live) {
      node.inputs().forEach(input -> readers.computeIfAbsent(Lifetimes.storage(input), v -> new ArrayList<>()).add(node));
    }
    for (Binding binding : bound) {
      Value value = binding.value;
      Value storage = Lifetimes.storage(value);
      if (value.isInput() && inPlaceStorage.contains(value)) {
        throw new IllegalArgumentException(value + " is an input and bound twice");
      }
      boolean changes = afterwards.containsKey(value) && isReadElsewhere(value, readers.getOrDefault(storage, List.of()));
      boolean inPlace = (value.isInput() || !storage.isInput()) && !changes && inPlaceStorage.add(storage);
      Buffer buffer = inPlace ? buffers.get(value) : new Buffer(value.type());
      if (binding.place != null) {
        buffer.bind(binding.place);
      }
      boundBuffers.putIfAbsent(value, buffer);
      if (!inPlace) {
        copies.computeIfAbsent(value, v -> new ArrayList<>()).add(buffer);
      }
    }
  }

  /** Whether one of the nodes that read the memory of {@code value} is not among the reshapes that it is made by. */
  private static boolean isReadElsewhere(Value value, List<Node> readers) {
    Set<Node> reshapes = new HashSet<>();
    for (Value v = value; Lifetimes.isView(v); v = v.producer().input(0)) {
      reshapes.add(v.producer());
    }
    return !reshapes.containsAll(readers);
  }

  private void checkAfterwards(List<Node> live) {
    Set<Value> computed = new HashSet<>();
    live.forEach(node -> computed.addAll(node.outputs()));
    for (Value value : afterwards.keySet()) {
      if (!computed.contains(value)) {
        throw new IllegalArgumentException("something is to run after " + value + ", but nothing computes it");
      }
    }
  }

  /** Whether a value lies in its own place after the run. */
  private boolean isKept(Value value) {
    boolean copied = boundBuffers.getOrDefault(value, buffers.get(value)) != buffers.get(value);
    return value.isInput() || (outputs.contains(value) && !copied) || steadyNodes.kept().contains(value);
  }

  private void finish(Value output, List<Launch> launches, List<LaunchInfo> infos, Scratch scratch) {
    for (Buffer copy : copies.getOrDefault(output, List.of())) {
      launches.add(backend.prepare(new Affine(1, 0), List.of(buffers.get(output)), List.of(copy), scratch));
      infos.add(LaunchInfo.copy(output));
    }
    for (Buffer sum : sums.getOrDefault(output, List.of())) {
      Binary add = new Binary(Binary.Kind.ADD);
      launches.add(backend.prepare(add, List.of(sum, buffers.get(output)), List.of(sum), scratch));
      infos.add(LaunchInfo.accumulate(output));
    }
    for (Launch launch : afterwards.getOrDefault(output, List.of())) {
      launches.add(launch);
      infos.add(LaunchInfo.after(output));
    }
  }

  private Map<Value, Buffer> visibleBuffers() {
    Map<Value, Buffer> visible = new HashMap<>();
    for (Value value : graph.values()) {
      if (value.isInput() || outputs.contains(value)) {
        visible.put(value, boundBuffers.getOrDefault(value, buffers.get(value)));
      }
    }
    return visible;
  }
}
