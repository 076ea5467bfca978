package kiln.model.train;

/**
 * Hears during the backward pass which gradient has just become final: it will not change in this step any more, so that
 * whatever joins ranks can start on it while backward goes on.
 */
@FunctionalInterface
public interface GradientSink {
  /** Nobody listens. */
  GradientSink NONE = parameterIndex -> {};

  /** Called once per parameter and step (or micro-batch, see {@link StepDivision#separately}), on the thread that runs the step. {@code parameterIndex} is that of the table. */
  void gradientReady(int parameterIndex);

  /** Called after each micro-batch, if these are separate. */
  default void microBatchEnded() {}
}
