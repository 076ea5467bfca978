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
import kiln.model.graph.Node;
import kiln.model.graph.Value;
import kiln.model.op.Affine;
import kiln.model.op.Binary;
import kiln.model.op.Op;
import kiln.model.op.Reshape;

/**
 * All of a plan but its memory: lets views share the place of what they view and kernels write over what they are the last to
 * read, computes lifetimes, lays intermediates into one region, and prepares a launch per node.
 */
final class PlanAssembly {
  private final PlanRequest request;
  private final Map<Value, Buffer> buffers = new HashMap<>();
  private final Set<Value> inPlaceStorage = new HashSet<>();
  private final Map<Value, List<Buffer>> copies = new HashMap<>();
  private final Map<Value, Buffer> boundBuffers = new HashMap<>();
  private final List<Launch> launches = new ArrayList<>();
  private final List<LaunchInfo> infos = new ArrayList<>();
  private final Scratch scratch = new Scratch();
  private final SteadyNodes steadyNodes;
  private final List<Node> live;
  private final Map<Value, MemoryPlanner.Block> blocks;
  private final long regionBytes;
  private int steadyLaunches;

  /**
   * @throws IllegalArgumentException as {@link PlanBuilder#build()}
   */
  PlanAssembly(PlanRequest request) {
    this.request = request;
    List<Node> needed = neededNodes();
    steadyNodes = steadyNodes(needed);
    live = steadyNodes.first(needed);
    request.graph.values().forEach(value -> buffers.put(value, newBuffer(value)));
    checkAfterwards();
    bindPlaces();
    blocks = new Lifetimes(live, request.backend, inPlaceStorage, this::isKept).blocks(request.graph);
    prepareLaunches();
    Set<MemoryPlanner.Block> all = new LinkedHashSet<>(blocks.values());
    all.addAll(scratch.blocks());
    regionBytes = Math.max(1, MemoryPlanner.place(List.copyOf(all)));
  }

  /** Bytes of the region that it must be placed in. */
  long regionBytes() {
    return regionBytes;
  }

  /**
   * The plan, its intermediates in {@code memory}.
   *
   * @param owned the region that the plan is to close; null if memory is the caller's
   */
  Plan place(MemorySegment memory, Region owned) {
    blocks.forEach((v, block) -> buffers.get(v).bind(memory.asSlice(block.offset, v.type().bytes())));
    scratch.place(memory);
    return new Plan(launches, infos, steadyLaunches, visibleBuffers(), owned);
  }

  /** What the plan would launch and hold; there will be none. */
  PlanOutline outline() {
    launches.forEach(Launch::close);
    Map<MemoryPlanner.Block, Value> first = new LinkedHashMap<>();
    blocks.forEach((value, block) -> first.putIfAbsent(block, value));
    scratch.blocks().forEach(block -> first.put(block, null));
    List<PlanOutline.Stay> stays = new ArrayList<>();
    first.forEach((block, value) -> stays.add(new PlanOutline.Stay(value, block.bytes, block.first, block.last)));
    long kept = launches.stream().mapToLong(Launch::keptBytes).sum();
    return new PlanOutline(live, infos, stays, regionBytes, kept);
  }

  /** Nodes that something asked for depends on, in order. */
  private List<Node> neededNodes() {
    Set<Value> needed = new LinkedHashSet<>(request.outputs);
    needed.addAll(request.sums.keySet());
    return request.graph.nodesFor(needed);
  }

  private SteadyNodes steadyNodes(List<Node> needed) {
    if (request.steady.isEmpty() || request.residency != null) { // weights come in the order of whole runs
      return SteadyNodes.none();
    }
    Set<Value> unchanging = new HashSet<>(request.constants);
    unchanging.addAll(request.steady);
    return SteadyNodes.of(needed, unchanging);
  }

  private void prepareLaunches() {
    List<Set<Integer>> reads = new ArrayList<>(); // of each launch
    for (int i = 0; i < live.size(); i++) {
      Node node = live.get(i);
      scratch.forNode(i);
      if (!(node.op() instanceof Reshape)) {
        Launch launch = prepare((Op) node.op(), buffersOf(node.inputs()), buffersOf(node.outputs()));
        List<Value> last = steadyNodes.read().get(node);
        launches.add(last == null ? launch : new SeldomLaunch(launch, buffersOf(last)));
        infos.add(LaunchInfo.of(node));
        reads.add(groupsOf(node));
      }
      node.outputs().forEach(this::finish);
      reads.addAll(Collections.nCopies(launches.size() - reads.size(), Set.of()));
      if (steadyNodes.nodes().contains(node)) {
        steadyLaunches = launches.size();
      }
    }
    if (request.residency != null) {
      List<Residency.Visit> visits = Visits.of(reads);
      Visits.insert(launches, infos, visits, request.residency.plan(visits));
    }
  }

  private Launch prepare(Op op, List<Buffer> inputs, List<Buffer> outputs) {
    return request.backend.prepare(op, inputs, outputs, scratch);
  }

  private Set<Integer> groupsOf(Node node) {
    Set<Integer> read = new TreeSet<>();
    for (Value input : node.inputs()) {
      Integer group = request.groups.get(Lifetimes.storage(input));
      if (group != null) {
        read.add(group);
      }
    }
    return read;
  }

  private Buffer newBuffer(Value value) {
    if (Lifetimes.isView(value)) {
      return Buffer.view(value.type(), buffers.get(value.producer().input(0)));
    }
    Buffer buffer = request.constants.contains(value) ? Buffer.constant(value.type()) : new Buffer(value.type());
    buffer.setNarrow(request.narrowed.get(value));
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
  private void bindPlaces() {
    Map<Value, List<Node>> readers = new HashMap<>();
    for (Node node : live) {
      node.inputs().forEach(input -> readers.computeIfAbsent(Lifetimes.storage(input), v -> new ArrayList<>()).add(node));
    }
    for (PlanRequest.Binding binding : request.bound) {
      Value value = binding.value();
      Value storage = Lifetimes.storage(value);
      if (value.isInput() && inPlaceStorage.contains(value)) {
        throw new IllegalArgumentException(value + " is an input and bound twice");
      }
      boolean isRead = isReadElsewhere(value, readers.getOrDefault(storage, List.of()));
      boolean changes = request.afterwards.containsKey(value) && isRead;
      boolean inPlace = (value.isInput() || !storage.isInput()) && !changes && inPlaceStorage.add(storage);
      Buffer buffer = inPlace ? buffers.get(value) : new Buffer(value.type());
      if (binding.place() != null) {
        buffer.bind(binding.place());
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

  private void checkAfterwards() {
    Set<Value> computed = new HashSet<>();
    live.forEach(node -> computed.addAll(node.outputs()));
    for (Value value : request.afterwards.keySet()) {
      if (!computed.contains(value)) {
        throw new IllegalArgumentException("something is to run after " + value + ", but nothing computes it");
      }
    }
  }

  /** Whether a value lies in its own place after the run. */
  private boolean isKept(Value value) {
    boolean copied = boundBuffers.getOrDefault(value, buffers.get(value)) != buffers.get(value);
    return value.isInput() || (request.outputs.contains(value) && !copied) || steadyNodes.kept().contains(value);
  }

  /** What runs as soon as {@code output} is final: copies, sums, and what was asked for. */
  private void finish(Value output) {
    for (Buffer copy : copies.getOrDefault(output, List.of())) {
      launches.add(prepare(new Affine(1, 0), List.of(buffers.get(output)), List.of(copy)));
      infos.add(LaunchInfo.copy(output));
    }
    for (Buffer sum : request.sums.getOrDefault(output, List.of())) {
      Binary add = new Binary(Binary.Kind.ADD);
      launches.add(prepare(add, List.of(sum, buffers.get(output)), List.of(sum)));
      infos.add(LaunchInfo.accumulate(output));
    }
    for (Launch launch : request.afterwards.getOrDefault(output, List.of())) {
      launches.add(launch);
      infos.add(LaunchInfo.after(output));
    }
  }

  private Map<Value, Buffer> visibleBuffers() {
    Map<Value, Buffer> visible = new HashMap<>();
    for (Value value : request.graph.values()) {
      if (value.isInput() || request.outputs.contains(value)) {
        visible.put(value, boundBuffers.getOrDefault(value, buffers.get(value)));
      }
    }
    return visible;
  }
}
