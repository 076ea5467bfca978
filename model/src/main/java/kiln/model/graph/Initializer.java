package kiln.model.graph;

/** How a parameter starts: a constant, or uniform or normal values around zero. */
public sealed interface Initializer {
  Initializer ZEROS = new Constant(0);
  Initializer ONES = new Constant(1);

  record Constant(float value) implements Initializer {}

  /** Uniform in [-bound, bound). */
  record Uniform(float bound) implements Initializer {}

  record Normal(float standardDeviation) implements Initializer {}
}
