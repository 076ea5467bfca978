/** Operations on NVIDIA GPUs: launches of the kernels of {@code native/cuda}. */
package kiln.model.backend.cuda;
