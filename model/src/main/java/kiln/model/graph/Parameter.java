package kiln.model.graph;

/**
 * A trainable float32 tensor, identified by the name that it has in the published weight files. Equality is identity: two
 * layers that share a weight share the object.
 */
public final class Parameter {
  private final String name;
  private final Shape shape;
  private final Initializer initializer;

  public Parameter(String name, Shape shape, Initializer initializer) {
    this.name = name;
    this.shape = shape;
    this.initializer = initializer;
  }

  public String name() {
    return name;
  }

  public Shape shape() {
    return shape;
  }

  public Initializer initializer() {
    return initializer;
  }

  @Override
  public String toString() {
    return name + shape;
  }
}
