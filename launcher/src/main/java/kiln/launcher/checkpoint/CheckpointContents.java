package kiln.launcher.checkpoint;

import java.util.List;
import kiln.model.train.BoundParameters;
import kiln.model.train.TrainingState;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a checkpoint is made of.
 *
 * @param networks those that are trained; together their parameters are the state's
 * @param state weights, their average, moments and counters
 * @param frozen networks that are used as they are, so that a checkpoint is all that drawing needs
 * @param scheduler diffusers' scheduler_config.json; null without diffusion
 */
public record CheckpointContents(
    List<NetworkFiles> networks, TrainingState state, List<Frozen> frozen, ObjectNode scheduler) {
  /** A network that is not trained, with its weights. */
  public record Frozen(NetworkFiles network, BoundParameters weights) {}
}
