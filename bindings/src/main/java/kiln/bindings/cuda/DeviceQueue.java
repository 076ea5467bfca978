package kiln.bindings.cuda;

import kiln.bindings.DeviceKernels;

/**
 * How a rank uses its device, for those who bring other work in order with what it computes there.
 *
 * @param context of the device
 * @param stream where it computes
 * @param pool where memory for that comes from
 * @param kernels Kiln's own, launched in that stream
 */
public record DeviceQueue(CudaContext context, CudaStream stream, CudaMemoryPool pool, DeviceKernels kernels) {}
