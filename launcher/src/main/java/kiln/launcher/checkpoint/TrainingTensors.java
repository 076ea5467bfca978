package kiln.launcher.checkpoint;

import java.lang.foreign.MemorySegment;
import kiln.model.plan.ParameterTable;

/**
 * The tensors of a run as flat regions that one table carves.
 *
 * @param table where each trained parameter lies in every region
 * @param weights the weights
 * @param average their exponential moving average
 * @param moment1 AdamW's mean of gradients
 * @param moment2 AdamW's mean of squared gradients
 */
public record TrainingTensors(
    ParameterTable table, MemorySegment weights, MemorySegment average, MemorySegment moment1, MemorySegment moment2) {}
