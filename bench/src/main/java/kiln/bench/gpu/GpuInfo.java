package kiln.bench.gpu;

/**
 * What a side says before it measures.
 *
 * @param device its name, and what it is
 * @param versions of the libraries
 * @param parameters of the network
 * @param forwardFlops of one forward pass on one image, products and convolutions only
 * @param stepFlops of a training step on one image, without what is computed once more; Kiln's side only
 * @param peaks of the device; Kiln's side only
 */
record GpuInfo(String device, String versions, long parameters, long forwardFlops, Long stepFlops, DevicePeaks peaks) {}
