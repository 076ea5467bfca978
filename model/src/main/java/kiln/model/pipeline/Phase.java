package kiln.model.pipeline;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import kiln.model.plan.ParameterBinding;

/**
 * A phase of a pipeline: a network with its weights and, of its plans, the one for the shape that was asked for last. Either that
 * one is kept from drawing to drawing, or it goes at the end of the phase, and with it the memory that it lay in.
 *
 * @param <S> what decides the plan's shapes
 * @param <N> the network for one shape
 */
final class Phase<S, N extends Phase.Shaped> implements AutoCloseable {
  /** A network for one shape. */
  interface Shaped {
    NetworkPlan plan();
  }

  private final NetworkWeights weights;
  private final SharedRegion memory;
  private final boolean keeps;
  private final Function<S, N> trace;
  private final Map<S, PlanSize> sizes = new HashMap<>();
  private S shape; // of the latest one
  private N latest; // null at first

  /**
   * @param memory of this phase and of others, of which all keep their plans or none does
   * @param keeps only with weights that are {@linkplain NetworkWeights#fixed fixed}
   */
  Phase(NetworkWeights weights, SharedRegion memory, boolean keeps, Function<S, N> trace) {
    this.weights = weights;
    this.memory = memory;
    this.keeps = keeps;
    this.trace = trace;
  }

  /** What the plan for a shape takes, whether it is there or not. */
  PlanSize size(S of) {
    return sizes.computeIfAbsent(of, s -> traced(s).plan().size());
  }

  /** What is enough for each of the plans, of which one is there at a time. */
  PlanSize largest(Collection<S> shapes) {
    return shapes.stream().map(this::size).reduce(PlanSize.NONE, PlanSize::max);
  }

  private N traced(S of) {
    if (!of.equals(shape)) {
      close();
      latest = trace.apply(of);
      shape = of;
    }
    return latest;
  }

  /** As {@link #during}, for work that makes nothing. */
  void run(Consumer<Function<S, N>> work) {
    during(open -> {
      work.accept(open);
      return null;
    });
  }

  /**
   * What {@code work} makes with the networks that it asks for by their shapes; of these, only the last one is open. Memory for
   * the largest must have been reserved.
   */
  <T> T during(Function<Function<S, N>, T> work) {
    ParameterBinding binding = weights.acquire();
    try {
      return work.apply(of -> {
        N network = traced(of);
        network.plan().open(binding, memory);
        return network;
      });
    } finally {
      if (!keeps) {
        close();
        memory.close();
      }
      weights.release();
    }
  }

  /** Closes the plan; the phase can be used again. */
  @Override
  public void close() {
    if (latest != null) {
      latest.plan().close();
    }
  }
}
