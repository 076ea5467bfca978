package kiln.model.plan;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
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
  private final TensorPlaces places;
  private final List<Launch> launches = new ArrayList<>();
  private final List<LaunchInfo> infos = new ArrayList<>();
  private final Map<LaunchInfo, Long> announced = new IdentityHashMap<>(); // bytes of what launches on the host hear of
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
    checkAfterwards();
    places = new TensorPlaces(request, live);
    Predicate<Value> kept = value -> places.isKept(value) || steadyNodes.kept().contains(value);
    blocks = new Lifetimes(live, request.backend, places.inPlaceStorage(), kept).blocks(request.graph);
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
    blocks.forEach((v, block) -> places.of(v).bind(memory.asSlice(block.offset, v.type().bytes())));
    scratch.place(memory);
    places.keepConstants();
    List<Region> regions = Stream.of(owned, places.mirror()).filter(Objects::nonNull).toList();
    List<Runnable> cleanup = new ArrayList<>(regions.stream().<Runnable>map(region -> region::close).toList());
    cleanup.add(places::releaseConstants);
    Program program =
        new Program(launches, infos, steadyLaunches, stops(), places.inputs(), places.outputs());
    long ownedBytes = owned == null ? 0 : owned.byteSize();
    return new Plan(program, request.backend.runner(program), places.visible(), ownedBytes, cleanup);
  }

  /** Where a run must do what is to be done on the host: for parameters at once, for values as soon as they are large enough. */
  private List<Integer> stops() {
    SortedSet<Integer> stops = new TreeSet<>();
    stops.add(launches.size());
    if (steadyLaunches > 0) {
      stops.add(steadyLaunches);
    }
    long told = 0;
    for (int i = 0; i < launches.size(); i++) {
      LaunchInfo info = infos.get(i);
      told += announced.getOrDefault(info, 0L);
      if (told >= request.tellEvery || info.onHost() && !announced.containsKey(info)) {
        stops.add(i + 1);
        told = 0;
      }
    }
    return List.copyOf(stops);
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
        Launch launch = prepare((Op) node.op(), places.of(node.inputs()), places.of(node.outputs()));
        List<Value> last = request.backend.memory().isHost() ? steadyNodes.read().get(node) : null;
        launches.add(last == null ? launch : new SeldomLaunch(launch, places.of(last)));
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

  private void checkAfterwards() {
    Set<Value> computed = new HashSet<>();
    live.forEach(node -> computed.addAll(node.outputs()));
    for (Value value : request.afterwards.keySet()) {
      if (!computed.contains(value)) {
        throw new IllegalArgumentException("something is to run after " + value + ", but nothing computes it");
      }
    }
  }

  /** What runs as soon as {@code output} is final: copies, sums, and what was asked for. */
  private void finish(Value output) {
    for (Buffer copy : places.copies(output)) {
      launches.add(prepare(new Affine(1, 0), List.of(places.of(output)), List.of(copy)));
      infos.add(LaunchInfo.copy(output));
    }
    for (Buffer sum : request.sums.getOrDefault(output, List.of())) {
      Binary add = new Binary(Binary.Kind.ADD);
      launches.add(prepare(add, List.of(sum, places.of(output)), List.of(sum)));
      infos.add(LaunchInfo.accumulate(output));
    }
    for (Launch launch : request.afterwards.getOrDefault(output, List.of())) {
      launches.add(launch);
      infos.add(LaunchInfo.after(output));
      announced.put(infos.getLast(), output.type().bytes());
    }
  }
}
