package kiln.model.graph;

import java.util.List;

/**
 * One application of an operation.
 *
 * @param index position in the graph; inputs come from nodes with smaller indices
 * @param scope dotted path of the layer that traced it, for profiles and messages
 */
public record Node(int index, Operation op, List<Value> inputs, List<Value> outputs, String scope) {
  public Value input(int i) {
    return inputs.get(i);
  }

  public Value output(int i) {
    return outputs.get(i);
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return index;
  }

  @Override
  public String toString() {
    return "#" + index + " " + op + " in " + scope;
  }
}
