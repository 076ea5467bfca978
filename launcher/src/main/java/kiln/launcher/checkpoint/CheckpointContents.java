package kiln.launcher.checkpoint;

import java.util.List;
import java.util.Map;
import kiln.model.train.TrainingState;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a checkpoint is made of.
 *
 * @param networks those that are trained; together their parameters are the state's
 * @param state weights, their average, moments and counters
 * @param frozen networks that are used as they are, so that a checkpoint is all that drawing needs
 * @param documents JSON files beside the networks, by their path in the checkpoint
 */
public record CheckpointContents(
    List<NetworkFiles> networks, TrainingState state, List<FrozenNetwork> frozen, Map<String, ObjectNode> documents) {}
