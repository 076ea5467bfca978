package kiln.model.graph;

/** A symbolic tensor: an input of a graph ({@code producer} is null) or an output of one of its nodes. */
public final class Value {
  private final Graph graph;
  private final int id;
  private final String name;
  private final TensorType type;
  private final Node producer;
  private final int outputIndex;

  Value(Graph graph, int id, String name, TensorType type, Node producer, int outputIndex) {
    this.graph = graph;
    this.id = id;
    this.name = name;
    this.type = type;
    this.producer = producer;
    this.outputIndex = outputIndex;
  }

  public Graph graph() {
    return graph;
  }

  /** Dense number, unique in the graph, in order of creation. */
  public int id() {
    return id;
  }

  public String name() {
    return name;
  }

  public TensorType type() {
    return type;
  }

  public Shape shape() {
    return type.shape();
  }

  /** The node that computes this value; null for inputs. */
  public Node producer() {
    return producer;
  }

  public boolean isInput() {
    return producer == null;
  }

  public int outputIndex() {
    return outputIndex;
  }

  @Override
  public String toString() {
    return "%" + id + " " + name + ": " + type;
  }
}
