package kiln.model.op;

import java.util.List;
import kiln.model.graph.DType;
import kiln.model.graph.TensorType;

/** Shape-rule checks with messages that name the operation and what it got. */
final class Check {
  private Check() {}

  static void that(boolean condition, Object op, List<TensorType> inputs, String expectation) {
    if (!condition) {
      throw new IllegalArgumentException(op + ": expected " + expectation + ", found " + inputs);
    }
  }

  static void count(int expected, Object op, List<TensorType> inputs) {
    that(inputs.size() == expected, op, inputs, expected + " inputs");
  }

  static void dtype(DType dtype, int index, Object op, List<TensorType> inputs) {
    that(inputs.get(index).dtype() == dtype, op, inputs, dtype + " for input " + index);
  }

  /** All inputs float32, or all bfloat16. */
  static void sameFloat(Object op, List<TensorType> inputs) {
    DType first = inputs.getFirst().dtype();
    boolean same = first.isFloat() && inputs.stream().allMatch(input -> input.dtype() == first);
    that(same, op, inputs, "one float type");
  }

  static void sameShape(Object op, List<TensorType> inputs) {
    for (TensorType input : inputs) {
      that(input.shape().equals(inputs.getFirst().shape()), op, inputs, "equal shapes");
    }
  }
}
