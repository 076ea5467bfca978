package kiln.model.autodiff;

import kiln.model.graph.Node;

/**
 * What gradient rules read of the forward pass. A rule sees a node in place of the one that it is the rule of: the same operation
 * and scope, with inputs and outputs of the same contents, which may have been computed once more.
 */
@FunctionalInterface
public interface ForwardNodes {
  /** Everything is kept from the forward pass to the backward pass. */
  ForwardNodes KEPT = node -> node;

  /** Called once for every node that has a gradient, from the last to the first; may append nodes to the graph. */
  Node forBackward(Node node);
}
