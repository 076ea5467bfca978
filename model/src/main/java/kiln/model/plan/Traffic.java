package kiln.model.plan;

import kiln.model.graph.Node;
import kiln.model.graph.Value;
import kiln.model.op.Embedding;
import kiln.model.op.Op;
import kiln.model.op.RelativePositionBias;
import kiln.model.op.Reshape;
import kiln.model.op.Slice;

/**
 * Bytes that a node must read and write at least: each input and each output once. What a kernel packs, spills or reads again
 * comes on top, what its caches still hold is less.
 */
final class Traffic {
  private Traffic() {}

  static long of(Node node) {
    long out = node.outputs().stream().mapToLong(value -> value.type().bytes()).sum();
    return switch ((Op) node.op()) {
      case Reshape reshape -> 0;
      case Slice slice -> 2 * out;
      case Embedding embedding -> 2 * out + node.input(1).type().bytes();
      case RelativePositionBias bias -> out + node.input(0).type().bytes();
      default -> out + node.inputs().stream().distinct().map(Value::type).mapToLong(type -> type.bytes()).sum();
    };
  }
}
