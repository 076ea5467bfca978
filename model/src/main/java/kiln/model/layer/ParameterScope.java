package kiln.model.layer;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import kiln.model.graph.Graph;
import kiln.model.graph.Initializer;
import kiln.model.graph.Parameter;
import kiln.model.graph.Shape;

/**
 * The place of a layer in the tree of a network: it gives parameters their dotted names, collects them in the order of their
 * declaration, and marks the nodes that the layer traces. Nothing is allocated; a parameter is a name, a shape and an
 * initial distribution.
 */
public final class ParameterScope {
  private final ParameterScope parent;
  private final String name;
  private final List<Parameter> parameters = new ArrayList<>();

  /** A root. */
  public ParameterScope() {
    this(null, "");
  }

  private ParameterScope(ParameterScope parent, String name) {
    this.parent = parent;
    this.name = name;
  }

  /** The scope of a part; {@code name} may itself be dotted, as in {@code resnets.0}. */
  public ParameterScope child(String name) {
    return new ParameterScope(this, name);
  }

  /** Declares a parameter of this layer. */
  public Parameter parameter(String name, Shape shape, Initializer initializer) {
    Parameter parameter = new Parameter(qualified(name), shape, initializer);
    for (ParameterScope scope = this; scope != null; scope = scope.parent) {
      scope.parameters.add(parameter);
    }
    return parameter;
  }

  /** All parameters declared in this scope and below it, in order of declaration. */
  public List<Parameter> parameters() {
    return Collections.unmodifiableList(parameters);
  }

  /** Runs {@code body} with this scope's name on the nodes that it traces. */
  public <T> T trace(Graph graph, Supplier<T> body) {
    return name.isEmpty() ? body.get() : graph.scoped(name, body);
  }

  private String qualified(String suffix) {
    String path = name.isEmpty() ? suffix : name + "." + suffix;
    return parent == null ? path : parent.qualified(path);
  }

  @Override
  public String toString() {
    return parent == null ? name : parent.qualified(name);
  }
}
