package kiln.model.plan;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kiln.bindings.Region;
import kiln.model.graph.Node;
import kiln.model.graph.Value;
import kiln.model.plan.Program.Transfer;

/**
 * Which tensors of a plan lie in places of the caller's, which in its region, and which of those the caller reads or writes
 * elsewhere: if the backend's memory is not that of this process, inputs and outputs are brought from and to places here.
 */
final class TensorPlaces {
  private final PlanRequest request;
  private final TensorMemory memory;
  private final Map<Value, Buffer> buffers = new HashMap<>(); // where launches have them
  private final Set<Value> inPlaceStorage = new HashSet<>();
  private final Map<Value, List<Buffer>> copies = new HashMap<>();
  private final Map<Value, Buffer> bound = new HashMap<>(); // where the caller has them
  private final List<Transfer> inputs = new ArrayList<>();
  private final List<Transfer> outputs = new ArrayList<>();
  private final Set<Value> fetched = new HashSet<>();
  private final Map<Buffer, MemorySegment> constants = new LinkedHashMap<>(); // to be kept in the backend's memory

  /**
   * @param live the nodes that run, in order
   * @throws IllegalArgumentException if an input is bound twice, or a place of a gradient is not in the backend's memory
   */
  TensorPlaces(PlanRequest request, List<Node> live) {
    this.request = request;
    this.memory = request.backend.memory();
    request.graph.values().forEach(value -> buffers.put(value, newBuffer(value)));
    Map<Value, List<Node>> readers = new HashMap<>();
    for (Node node : live) {
      node.inputs().forEach(input -> readers.computeIfAbsent(Lifetimes.storage(input), v -> new ArrayList<>()).add(node));
    }
    for (PlanRequest.Binding binding : request.bound) {
      bind(binding.value(), binding.place(), readers);
    }
  }

  private Buffer newBuffer(Value value) {
    if (Lifetimes.isView(value)) {
      return Buffer.view(value.type(), buffers.get(value.producer().input(0)));
    }
    Buffer buffer = request.constants.contains(value) ? Buffer.constant(value.type()) : new Buffer(value.type());
    buffer.setNarrow(narrow(value));
    return buffer;
  }

  /** The copy in bfloat16 where launches can read it; null if there is none. */
  private Buffer narrow(Value value) {
    Buffer given = request.narrowed.get(value);
    if (given == null || given.segment().byteSize() == 0 || memory.holds(given.segment())) {
      return given;
    }
    if (!request.constants.contains(value)) {
      return null; // it would have to be brought before every run: kernels round faster
    }
    Buffer narrow = new Buffer(given.type());
    constants.put(narrow, given.segment());
    return narrow;
  }

  /**
   * Gives a bound value its place. An output is copied to its place, instead of being computed there, if its memory already is
   * an input's or another output's place (a gradient that two parameters share, for example), or if other nodes read it while
   * what runs after it (a collective, for example) may change it.
   */
  private void bind(Value value, MemorySegment place, Map<Value, List<Node>> readers) {
    Value storage = Lifetimes.storage(value);
    if (value.isInput() && (inPlaceStorage.contains(value) || bound.containsKey(value))) {
      throw new IllegalArgumentException(value + " is an input and bound twice");
    }
    boolean reachable = place == null || memory.holds(place);
    boolean constant = value.isInput() && request.constants.contains(value);
    if (!reachable && !constant) {
      transfer(value, new Buffer(value.type(), place));
      return;
    }
    boolean isRead = isReadElsewhere(value, readers.getOrDefault(storage, List.of()));
    boolean changes = request.afterwards.containsKey(value) && isRead;
    boolean inPlace = (value.isInput() || !storage.isInput()) && !changes && inPlaceStorage.add(storage);
    Buffer buffer = inPlace ? buffers.get(value) : new Buffer(value.type());
    if (!reachable) {
      constants.put(buffer, place);
    } else if (place != null) {
      buffer.bind(place);
    }
    bound.putIfAbsent(value, buffer);
    if (!inPlace) {
      copies.computeIfAbsent(value, v -> new ArrayList<>()).add(buffer);
    }
  }

  /** Has an input brought from {@code host}, or an output there. */
  private void transfer(Value value, Buffer host) {
    if (request.afterwards.containsKey(value)) {
      throw new IllegalArgumentException(value + " is bound to a place that " + request.backend.name() + " cannot write to");
    }
    boolean steady = request.steady.contains(value) || request.constants.contains(value);
    (value.isInput() ? inputs : outputs).add(new Transfer(host, buffers.get(value), steady));
    if (!value.isInput()) {
      fetched.add(value);
    }
    bound.putIfAbsent(value, host);
  }

  /** Whether one of the nodes that read the memory of {@code value} is not among the reshapes that it is made by. */
  private static boolean isReadElsewhere(Value value, List<Node> readers) {
    Set<Node> reshapes = new HashSet<>();
    for (Value v = value; Lifetimes.isView(v); v = v.producer().input(0)) {
      reshapes.add(v.producer());
    }
    return !reshapes.containsAll(readers);
  }

  /** Storage that lies in places of the caller's. */
  Set<Value> inPlaceStorage() {
    return inPlaceStorage;
  }

  Buffer of(Value value) {
    return buffers.get(value);
  }

  List<Buffer> of(List<Value> values) {
    return values.stream().map(buffers::get).toList();
  }

  /** Places that a value is to be copied to. */
  List<Buffer> copies(Value value) {
    return copies.getOrDefault(value, List.of());
  }

  /** Whether a value lies in the region after the run. */
  boolean isKept(Value value) {
    boolean copied = copies.containsKey(value) && !fetched.contains(value);
    return value.isInput() || (request.outputs.contains(value) && !copied);
  }

  /**
   * Gives inputs and outputs that the caller has not bound a place that it can reach.
   *
   * @return memory for them; null if they are there already
   */
  Region mirror() {
    List<Value> unbound = new ArrayList<>();
    for (Value value : request.graph.values()) {
      if (isVisible(value) && !bound.containsKey(value)) {
        unbound.add(value);
      }
    }
    if (memory.isHost() || unbound.isEmpty()) {
      return null;
    }
    long bytes = unbound.stream().mapToLong(value -> aligned(value.type().bytes())).sum();
    Region region = Region.allocate("inputs and outputs of a plan", Math.max(1, bytes));
    long offset = 0;
    for (Value value : unbound) {
      transfer(value, new Buffer(value.type(), region.slice(offset, value.type().bytes())));
      offset += aligned(value.type().bytes());
    }
    return region;
  }

  private static long aligned(long bytes) {
    return Math.ceilDiv(bytes, MemoryPlanner.ALIGNMENT) * MemoryPlanner.ALIGNMENT;
  }

  private boolean isVisible(Value value) {
    return value.isInput() || request.outputs.contains(value);
  }

  /** Where the caller finds inputs and outputs. */
  Map<Value, Buffer> visible() {
    Map<Value, Buffer> visible = new HashMap<>();
    for (Value value : request.graph.values()) {
      if (isVisible(value)) {
        visible.put(value, bound.getOrDefault(value, buffers.get(value)));
      }
    }
    return visible;
  }

  List<Transfer> inputs() {
    return inputs;
  }

  List<Transfer> outputs() {
    return outputs;
  }

  /** Brings constants that the caller has elsewhere. */
  void keepConstants() {
    constants.forEach((buffer, place) -> buffer.bind(memory.keep(place)));
  }

  /** Takes that back. */
  void releaseConstants() {
    constants.values().forEach(memory::release);
  }
}
