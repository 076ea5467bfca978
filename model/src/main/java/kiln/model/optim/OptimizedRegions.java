package kiln.model.optim;

import java.lang.foreign.MemorySegment;

/**
 * What a step of the optimizer reads and writes: flat float32 regions laid out by one table, or the same slice of each.
 *
 * @param kernels that can work on them
 * @param average moving average of the weights; {@link MemorySegment#NULL} if none is kept
 * @param narrowWeights the weights as bfloat16, half as many bytes; {@link MemorySegment#NULL} if there is no such copy
 */
public record OptimizedRegions(
    StateKernels kernels,
    MemorySegment weights,
    MemorySegment gradients,
    MemorySegment firstMoment,
    MemorySegment secondMoment,
    MemorySegment average,
    MemorySegment narrowWeights) {}
