/** Whole training steps and single kernels on a GPU, measured beside PyTorch on the same card. */
package kiln.bench.gpu;
