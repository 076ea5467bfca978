package kiln.model.graph;

import java.util.List;

/** What the graph needs to know of an operation: its shape rule. The operations themselves are in {@code kiln.model.op}. */
public interface Operation {
  /**
   * Types of the outputs.
   *
   * @throws IllegalArgumentException if the inputs do not fit; the message names the operation and the types
   */
  List<TensorType> infer(List<TensorType> inputs);
}
