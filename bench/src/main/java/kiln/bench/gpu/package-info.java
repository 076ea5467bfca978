/** Training steps measured on a GPU, in Kiln and in PyTorch. */
package kiln.bench.gpu;
