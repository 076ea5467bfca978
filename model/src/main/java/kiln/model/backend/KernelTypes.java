package kiln.model.backend;

import java.util.List;
import kiln.model.graph.DType;
import kiln.model.op.Op;
import kiln.model.plan.Buffer;

/**
 * Checks of the element types that kernels are written for; the shapes were checked by the shape rules.
 *
 * @param folder where the kernels are: {@code native/cpu}
 */
public record KernelTypes(String folder) {
  /**
   * @throws IllegalArgumentException if the inputs have other types
   */
  public void require(Op op, List<Buffer> in, DType... types) {
    boolean fits = in.size() == types.length;
    for (int i = 0; fits && i < types.length; i++) {
      fits = in.get(i).type().dtype() == types[i];
    }
    if (!fits) {
      throw missing(op, in);
    }
  }

  /**
   * As {@link #require}, where {@link DType#BF16} stands for activations: float32 or bfloat16, but all of one type.
   *
   * @return what the kernels call bf16: 1 if the activations are bfloat16, 0 if they are float32
   */
  public int requireActivations(Op op, List<Buffer> in, DType... types) {
    boolean wide = in.getFirst().type().dtype() == DType.F32;
    DType[] expected = types.clone();
    for (int i = 0; wide && i < expected.length; i++) {
      expected[i] = expected[i] == DType.BF16 ? DType.F32 : expected[i];
    }
    require(op, in, expected);
    return wide ? 0 : 1;
  }

  public IllegalArgumentException missing(Op op, List<Buffer> in) {
    return new IllegalArgumentException(op + ": " + folder + " has no kernel for " + in.stream().map(Buffer::type).toList());
  }
}
