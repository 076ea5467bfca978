package kiln.model.train;

/** What joins the ranks of a {@link TrajectoryRun}. */
public interface GradientExchange {
  /** One rank: nothing to do. */
  GradientExchange NONE =
      new GradientExchange() {
        @Override
        public GradientSink sink() {
          return GradientSink.NONE;
        }

        @Override
        public void await() {}

        @Override
        public double average(double value) {
          return value;
        }
      };

  /** Hears of gradients during backward. */
  GradientSink sink();

  /** Returns when all gradients of the step are averaged over the ranks. */
  void await();

  /** The mean of a number over the ranks. */
  double average(double value);
}
