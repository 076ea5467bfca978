package kiln.launcher.checkpoint;

import java.lang.foreign.MemorySegment;
import java.util.List;
import kiln.model.plan.ParameterTable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a checkpoint is made of.
 *
 * @param networks those that are trained; together their parameters are the table's
 * @param tensors state of the trained networks
 * @param frozen networks that are used as they are, so that a checkpoint is all that drawing needs
 * @param scheduler diffusers' scheduler_config.json; null without diffusion
 */
public record CheckpointContents(
    List<NetworkFiles> networks, TrainingTensors tensors, List<Frozen> frozen, ObjectNode scheduler) {
  /** A network that is not trained, with its weights. */
  public record Frozen(NetworkFiles network, ParameterTable table, MemorySegment weights) {}
}
