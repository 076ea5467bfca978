package kiln.model.network.t5;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import kiln.model.graph.Graph;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.network.t5.T5Attention.KeyValue;
import kiln.model.op.RelativePositionBuckets;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterBinding;
import kiln.model.plan.Plan;
import kiln.model.plan.PlanBuilder;

/**
 * The plan of one decoder step, with room for the keys and values of a number of tokens before it:
 *
 * <pre>
 *   past [N, room, heads·dKv] | t tokens | … free, masked … |  + the token at position t itself
 * </pre>
 */
final class DecoderSteps implements AutoCloseable {
  private final T5Config sizes;
  private final int rows;
  private final int room;
  private final Plan plan;
  private final Value token;
  private final Value buckets;
  private final Value filled;
  private final Value logits;
  private final List<Value> past = new ArrayList<>();
  private final List<Value> fresh = new ArrayList<>();

  /**
   * @param room at least 1
   */
  DecoderSteps(
      T5ForConditionalGeneration model, EncoderMemory memory, List<ParameterBinding> weights, Backend backend, int room) {
    this.sizes = model.config().encoder();
    this.rows = memory.rows();
    this.room = room;
    Graph graph = new Graph();
    PlanBuilder builder = new PlanBuilder(graph, backend);
    token = graph.input("token", TensorType.i32(rows, 1));
    buckets = graph.input("buckets", TensorType.i32(room + 1));
    filled = graph.input("filled", TensorType.i32(1, room + 1));
    TensorType pastType = TensorType.f32(rows, room, sizes.numHeads() * sizes.dKv());
    List<KeyValue> pastKeyValues = new ArrayList<>();
    List<KeyValue> cross = new ArrayList<>();
    for (int block = 0; block < memory.numBlocks(); block++) {
      KeyValue keyValue = new KeyValue(graph.input("past keys", pastType), graph.input("past values", pastType));
      pastKeyValues.add(keyValue);
      past.add(keyValue.key());
      past.add(keyValue.value());
      cross.add(memory.keyValue(block, graph, builder));
    }
    T5Decoder.Step step = model.step(token, pastKeyValues, buckets, filled, cross, memory.mask(graph, builder));
    logits = model.logits(step.hidden());
    builder.output(logits);
    for (KeyValue keyValue : step.fresh()) {
      fresh.add(keyValue.key());
      fresh.add(keyValue.value());
    }
    fresh.forEach(builder::output);
    graph.parameters().values().forEach(builder::constant);
    weights.forEach(w -> w.bind(graph, builder));
    plan = builder.build();
  }

  int room() {
    return room;
  }

  /** Takes over the first {@code count} tokens of a plan with less room. */
  void takeOver(DecoderSteps smaller, int count) {
    for (int i = 0; i < past.size(); i++) {
      MemorySegment from = smaller.plan.buffer(smaller.past.get(i)).segment();
      MemorySegment to = plan.buffer(past.get(i)).segment();
      for (long row = 0; row < rows; row++) {
        long bytes = count * tokenBytes();
        MemorySegment.copy(from, row * smaller.room * tokenBytes(), to, row * room * tokenBytes(), bytes);
      }
    }
  }

  /**
   * Feeds the tokens at {@code position} and keeps their keys and values, if there is room.
   *
   * @param tokens [rows]
   * @return logits [rows, vocabSize], until the next step
   */
  MemorySegment run(int[] tokens, int position) {
    MemorySegment.copy(tokens, 0, plan.buffer(token).segment(), ValueLayout.JAVA_INT, 0, rows);
    MemorySegment bucketOf = plan.buffer(buckets).segment();
    MemorySegment isFilled = plan.buffer(filled).segment();
    for (int key = 0; key <= room; key++) {
      boolean counts = key < position || key == room;
      int distance = key == room || !counts ? 0 : key - position;
      int bucket =
          RelativePositionBuckets.bucket(
              distance, sizes.relativeAttentionNumBuckets(), sizes.relativeAttentionMaxDistance(), false);
      bucketOf.setAtIndex(ValueLayout.JAVA_INT, key, bucket);
      isFilled.setAtIndex(ValueLayout.JAVA_INT, key, counts ? 1 : 0);
    }
    plan.run();
    if (position < room) {
      keep(position);
    }
    return plan.buffer(logits).segment();
  }

  private void keep(int position) {
    for (int i = 0; i < past.size(); i++) {
      MemorySegment from = plan.buffer(fresh.get(i)).segment();
      MemorySegment to = plan.buffer(past.get(i)).segment();
      for (long row = 0; row < rows; row++) {
        MemorySegment.copy(from, row * tokenBytes(), to, (row * room + position) * tokenBytes(), tokenBytes());
      }
    }
  }

  /** Bytes of the keys, or values, of one token of one row. */
  private long tokenBytes() {
    return (long) sizes.numHeads() * sizes.dKv() * Float.BYTES;
  }

  @Override
  public void close() {
    plan.close();
  }
}
