package kiln.model.network.t5;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import kiln.bindings.Region;
import kiln.model.graph.Graph;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.network.t5.T5Attention.KeyValue;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterBinding;
import kiln.model.plan.Plan;
import kiln.model.plan.PlanBuilder;

/**
 * What the decoder attends to in the encoder's output: keys and values per block, computed once, and the mask of the tokens.
 * The encoder's plan is gone before the decoder's first step.
 */
final class EncoderMemory implements AutoCloseable {
  private static final long ALIGNMENT = 64;

  private final TensorType maskType;
  private final List<TensorType> types = new ArrayList<>();
  private final List<MemorySegment> places = new ArrayList<>();
  private final MemorySegment maskPlace;
  private final Region region;

  /**
   * @param ids int32 [rows, length]
   * @param mask as many, 1 = token, 0 = padding
   */
  EncoderMemory(
      T5ForConditionalGeneration model, List<ParameterBinding> weights, Backend backend, int rows, int[] ids, int[] mask) {
    Graph graph = new Graph();
    maskType = TensorType.i32(rows, ids.length / rows);
    Value idsValue = graph.input("ids", maskType);
    Value maskValue = graph.input("mask", maskType);
    List<Value> values = new ArrayList<>();
    for (KeyValue cross : model.crossKeyValues(model.encode(idsValue, maskValue))) {
      values.add(cross.key());
      values.add(cross.value());
    }
    long bytes = aligned(maskType.bytes()) + values.stream().mapToLong(v -> aligned(v.type().bytes())).sum();
    region = Region.allocate("the decoder's view of the encoder's output", bytes);
    maskPlace = region.slice(0, maskType.bytes());
    maskPlace.copyFrom(MemorySegment.ofArray(mask));

    PlanBuilder builder = new PlanBuilder(graph, backend).bind(maskValue, maskPlace);
    weights.forEach(w -> w.bind(graph, builder));
    long offset = aligned(maskType.bytes());
    for (Value value : values) {
      MemorySegment place = region.slice(offset, value.type().bytes());
      builder.bind(value, place);
      types.add(value.type());
      places.add(place);
      offset += aligned(value.type().bytes());
    }
    try (Plan plan = builder.build()) {
      MemorySegment.copy(ids, 0, plan.buffer(idsValue).segment(), ValueLayout.JAVA_INT, 0, ids.length);
      plan.run();
    }
  }

  private static long aligned(long bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  int rows() {
    return maskType.shape().dim(0);
  }

  int numBlocks() {
    return types.size() / 2;
  }

  /** The mask as an input of another graph. */
  Value mask(Graph graph, PlanBuilder builder) {
    Value value = graph.input("encoder mask", maskType);
    builder.bind(value, maskPlace);
    return value;
  }

  /** Keys and values of a block as inputs of another graph. */
  KeyValue keyValue(int block, Graph graph, PlanBuilder builder) {
    return new KeyValue(input(2 * block, graph, builder), input(2 * block + 1, graph, builder));
  }

  private Value input(int index, Graph graph, PlanBuilder builder) {
    Value value = graph.input("encoder keys or values", types.get(index));
    builder.bind(value, places.get(index));
    return value;
  }

  @Override
  public void close() {
    region.close();
  }
}
