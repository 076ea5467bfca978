package kiln.model.op;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import kiln.model.Bfloat16;
import kiln.model.Evaluation;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;

/**
 * One application of an operation to random inputs.
 *
 * @param smooth whether finite differences make sense: not where the gradient rule is meant to differ from the derivative
 */
public record OpCase(Op op, List<Feed> feeds, boolean smooth) {
  /** The values of an input. */
  public enum Kind {
    NORMAL,
    /** Odd multiples of 0.05: at least that far from any multiple of 0.1, where a clamp may have its corners. */
    OFF_GRID,
    BYTES,
    /** Integers from 0 to {@code bound} - 1. */
    IDS,
    /** As ids, but every fourth is -100. */
    LABELS,
    /** 0 or 1, the first of every row 1. */
    MASK
  }

  /** What an input is made of. */
  public record Feed(TensorType type, Kind kind, int bound) {
    Object values(Random random) {
      int count = Math.toIntExact(type.shape().elements());
      int row = type.shape().rank() == 0 ? 1 : type.shape().last();
      return switch (kind) {
        case NORMAL -> typed(floats(count, () -> (float) random.nextGaussian()));
        case OFF_GRID -> typed(floats(count, () -> (random.nextInt(41) - 20) * 0.1f + 0.05f));
        case BYTES -> {
          byte[] bytes = new byte[count];
          random.nextBytes(bytes);
          yield bytes;
        }
        case IDS -> random.ints(count, 0, bound).toArray();
        case LABELS -> {
          int[] labels = random.ints(count, 0, bound).toArray();
          for (int i = 3; i < count; i += 4) {
            labels[i] = -100;
          }
          yield labels;
        }
        case MASK -> {
          int[] mask = random.ints(count, 0, bound).toArray();
          for (int i = 0; i < count; i += row) {
            mask[i] = 1;
          }
          yield mask;
        }
      };
    }

    private Object typed(float[] values) {
      return type.dtype() == DType.BF16 ? Bfloat16.narrow(values) : values;
    }

    Feed narrow() {
      return type.dtype() == DType.F32 ? new Feed(type.with(DType.BF16), kind, bound) : this;
    }

    private static float[] floats(int count, java.util.function.Supplier<Float> draw) {
      float[] values = new float[count];
      for (int i = 0; i < count; i++) {
        values[i] = draw.get();
      }
      return values;
    }
  }

  /** Whether an input is bfloat16. */
  public boolean isNarrow() {
    return feeds.stream().anyMatch(feed -> feed.type().dtype() == DType.BF16);
  }

  static OpCase of(Op op, Feed... feeds) {
    return new OpCase(op, List.of(feeds), true);
  }

  /** A case whose gradient rule differs from the derivative on purpose. */
  OpCase notSmooth() {
    return new OpCase(op, feeds, false);
  }

  /** The same with bfloat16 for the first {@code numInputs} inputs, as far as they are float32. */
  OpCase narrow(int numInputs) {
    List<Feed> narrow = new ArrayList<>(feeds);
    narrow.subList(0, Math.min(numInputs, feeds.size())).replaceAll(Feed::narrow);
    return new OpCase(op, narrow, false);
  }

  static Feed f32(int... dims) {
    return new Feed(TensorType.f32(dims), Kind.NORMAL, 0);
  }

  static Feed bf16(int... dims) {
    return new Feed(new TensorType(DType.BF16, Shape.of(dims)), Kind.NORMAL, 0);
  }

  static Feed offGrid(int... dims) {
    return new Feed(TensorType.f32(dims), Kind.OFF_GRID, 0);
  }

  static Feed bytes(int... dims) {
    return new Feed(new TensorType(DType.U8, Shape.of(dims)), Kind.BYTES, 0);
  }

  static Feed ids(int bound, int... dims) {
    return new Feed(TensorType.i32(dims), Kind.IDS, bound);
  }

  static Feed labels(int bound, int... dims) {
    return new Feed(TensorType.i32(dims), Kind.LABELS, bound);
  }

  static Feed mask(int... dims) {
    return new Feed(TensorType.i32(dims), Kind.MASK, 2);
  }

  /** An operation applied in a graph of its own. */
  static final class Traced {
    final Graph graph = new Graph();
    final List<Value> inputs = new ArrayList<>();
    final List<Object> values = new ArrayList<>();
    final List<Value> outputs;

    Traced(OpCase c) {
      Random random = new Random(c.toString().hashCode());
      for (Feed feed : c.feeds) {
        inputs.add(graph.input("in" + inputs.size(), feed.type()));
        values.add(feed.values(random));
      }
      outputs = graph.apply(c.op, inputs);
    }

    /** The float inputs: what can have a gradient. */
    List<Value> differentiable() {
      return inputs.stream().filter(v -> v.type().dtype().isFloat()).toList();
    }

    void bind(Evaluation evaluation) {
      for (int i = 0; i < inputs.size(); i++) {
        switch (values.get(i)) {
          case float[] floats -> evaluation.set(inputs.get(i), floats);
          case short[] halves -> evaluation.set(inputs.get(i), halves);
          case int[] ints -> evaluation.set(inputs.get(i), ints);
          case byte[] bytes -> evaluation.set(inputs.get(i), bytes);
          default -> throw new IllegalStateException();
        }
      }
    }
  }

  @Override
  public String toString() {
    return op + " of " + feeds.stream().map(f -> f.type() + (f.kind() == Kind.NORMAL ? "" : " " + f.kind())).toList();
  }
}
