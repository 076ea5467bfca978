package kiln.model.plan;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;
import kiln.bindings.Region;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;

/**
 * Turns a graph into a {@link Plan} by what is asked for here. Nodes that nothing asked for depends on are dropped; {@link
 * PlanAssembly} does the rest.
 *
 * <p>Inputs and outputs live as long as the plan, in its region unless bound to a place of the caller's.
 */
public final class PlanBuilder {
  private final PlanRequest request;

  public PlanBuilder(Graph graph, Backend backend) {
    request = new PlanRequest(graph, backend);
  }

  /**
   * Keeps {@code value} readable after a run.
   *
   * @throws IllegalArgumentException if it belongs to another graph
   */
  public PlanBuilder output(Value value) {
    if (value.graph() != request.graph) {
      throw new IllegalArgumentException(value + " belongs to another graph");
    }
    request.outputs.add(value);
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
    request.bound.add(new PlanRequest.Binding(value, place));
    return this;
  }

  /** As {@link #bind(Value, MemorySegment)}, to a place that is not known yet: then the builder can only measure. */
  public PlanBuilder bind(Value value) {
    request.unplaced = value;
    return bind(value, null);
  }

  /**
   * Says that an input has the same values at every run of the plan, as the weights of a frozen network do: kernels may
   * rearrange them at the first run and keep that.
   */
  public PlanBuilder constant(Value value) {
    request.constants.add(value);
    return this;
  }

  /**
   * Says that {@code place} holds the float32 values of an input rounded to bfloat16 whenever the plan runs: kernels that want
   * them so need not round them.
   */
  public PlanBuilder narrow(Value value, MemorySegment place) {
    narrow(value);
    request.narrowed.get(value).bind(place);
    return this;
  }

  /** As {@link #narrow(Value, MemorySegment)}, in a place that is not known yet: enough to measure. */
  public PlanBuilder narrow(Value value) {
    request.narrowed.put(value, new Buffer(new TensorType(DType.BF16, value.shape())));
    return this;
  }

  /**
   * Says that an input keeps its values from run to run until {@link Plan#steadyInputsChanged} says otherwise: what follows from
   * such inputs and constants alone is computed by the next run, and kept for those after it. (Not with {@link #resident}: then
   * every run computes all.)
   */
  public PlanBuilder steady(Value value) {
    request.steady.add(value);
    return this;
  }

  /**
   * Adds {@code value} to what is in {@code place} as soon as it is final; the value itself is not kept.
   *
   * @throws IllegalArgumentException if the place is not in the backend's memory
   */
  public PlanBuilder accumulate(Value value, MemorySegment place) {
    if (!request.backend.memory().holds(place)) {
      throw new IllegalArgumentException(value + " is to be added up in a place that " + request.backend.name() + " cannot write to");
    }
    request.sums.computeIfAbsent(value, v -> new ArrayList<>()).add(new Buffer(value.type(), place));
    return this;
  }

  /** As {@link #accumulate(Value, MemorySegment)}, in a place that is not known yet: then the builder can only measure. */
  public PlanBuilder accumulate(Value value) {
    request.unplaced = value;
    request.sums.computeIfAbsent(value, v -> new ArrayList<>()).add(new Buffer(value.type()));
    return this;
  }

  /** Runs {@code launch} as soon as {@code value}, an output or accumulated, is final. */
  public PlanBuilder after(Value value, Launch launch) {
    request.afterwards.computeIfAbsent(value, v -> new ArrayList<>()).add(launch);
    return this;
  }

  /**
   * Where launches are queued and not run at once, what is to run {@link #after} values may wait until those that nobody has heard of
   * are together so large: the fewer times a device's queue is cut, the less it stands still. As large as can be if this is not
   * called: then all hear at the end.
   */
  public PlanBuilder tellEvery(long bytes) {
    request.tellEvery = bytes;
    return this;
  }

  /** Says that the parameters of {@code table} that the graph has are there only when {@code comings} has brought them. */
  public PlanBuilder resident(ParameterTable table, Residency comings) {
    request.residency = comings;
    request.graph.parameters().forEach((parameter, value) -> {
      ParameterTable.Entry entry = table.entry(parameter.name());
      if (entry != null && entry.parameter() == parameter) {
        request.groups.put(value, comings.group(entry.index()));
      }
    });
    return this;
  }

  /**
   * A plan with a region of its own.
   *
   * @throws IllegalArgumentException if a bound place has the wrong size or is not known, an input is bound twice, or something
   *     is to run after a value that nothing computes
   */
  public Plan build() {
    PlanAssembly assembly = assemble();
    Region region = request.backend.memory().allocate("plan", assembly.regionBytes());
    return assembly.place(region.segment(), region);
  }

  /**
   * A plan in memory of the caller's, which other plans may use between its runs: inputs, outputs and what follows from steady
   * inputs are there only until they do.
   *
   * @param memory at least {@link PlanOutline#regionBytes} bytes, at a multiple of 64; it must outlive the plan
   * @throws IllegalArgumentException as {@link #build()}
   */
  public Plan build(MemorySegment memory) {
    return assemble().place(memory, null);
  }

  private PlanAssembly assemble() {
    if (request.unplaced != null) {
      throw new IllegalArgumentException("the place of " + request.unplaced + " is not known");
    }
    return new PlanAssembly(request);
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
    request.bound.forEach(binding -> placed.add(binding.value()));
    request.graph.parameters().values().stream().filter(parameter -> !placed.contains(parameter)).forEach(this::bind);
    return new PlanAssembly(request).outline();
  }
}
