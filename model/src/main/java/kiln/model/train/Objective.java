package kiln.model.train;

import java.util.List;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.Parameter;
import kiln.model.graph.Value;
import kiln.model.plan.ParameterBinding;
import kiln.model.plan.Plan;

/** What is minimised: networks, a loss, and the random numbers that the loss needs. */
public interface Objective {
  /** The parameters to train, in the order of their table. */
  List<Parameter> trained();

  /** Parameters that the loss reads but that stay as they are, with their values. */
  List<ParameterBinding> frozen();

  /** What the networks compute in, float32 or bfloat16: the type of activations. */
  DType compute();

  /** Appends the loss of a micro-batch of {@code shape} to {@code graph}. */
  Traced trace(Graph graph, BatchShape shape);

  /** The loss as traced for one shape. */
  interface Traced {
    /** Mean over the samples of the micro-batch, a scalar. */
    Value loss();

    /**
     * Sets the inputs of {@code plan}: points those of the micro-batch at its memory and draws what is random.
     *
     * @param step random numbers depend on it and on the sample ids only
     */
    void fill(Plan plan, long step, MicroBatch batch);
  }
}
