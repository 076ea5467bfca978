/** NVIDIA's libraries: the CUDA driver, cuBLASLt, cuDNN's graph API and NCCL, found and loaded when first asked for. */
package kiln.bindings.cuda;
