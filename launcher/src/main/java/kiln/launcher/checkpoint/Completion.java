package kiln.launcher.checkpoint;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * What rank 0 adds to a checkpoint when all ranks have written their tensors.
 *
 * @param networks all networks, for their configuration
 * @param documents JSON files beside the networks, by their path in the checkpoint
 * @param record the rest of the state
 */
public record Completion(List<NetworkFiles> networks, Map<String, ObjectNode> documents, TrainingRecord record) {}
