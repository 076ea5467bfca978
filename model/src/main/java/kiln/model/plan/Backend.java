package kiln.model.plan;

import java.util.List;
import kiln.model.op.Op;
import kiln.model.optim.StateKernels;

/** A set of kernels, one for each operation. */
public interface Backend extends AutoCloseable {
  /** As the user names it: {@code reference}, {@code cpu}, {@code cuda}. */
  String name();

  /**
   * Chooses and prepares the kernel of one node. Buffers may not have their place yet, and inputs may be bound anew between
   * runs: a launch asks them for their segment when it runs.
   *
   * @throws IllegalArgumentException if there is no kernel for these types
   */
  Launch prepare(Op op, List<Buffer> inputs, List<Buffer> outputs, Scratch scratch);

  /**
   * Whether the kernel of {@code op} may write its first output over the given input, if both have the same type and no other
   * input lies there: whatever an element of the output depends on has been read when it is written.
   */
  default boolean mayOverwrite(Op op, int input) {
    return false;
  }

  /** Where its tensors lie. */
  default TensorMemory memory() {
    return TensorMemory.HOST;
  }

  /** The optimizer's passes over memory of this backend. */
  default StateKernels stateKernels() {
    return StateKernels.CPU;
  }

  /** What will run the launches of a plan. */
  default PlanRunner runner(Program program) {
    return new HostRunner(program);
  }

  @Override
  void close();
}
