/** On the machine where a GPU is to be used: checks of values, trainings and errors, and steps and kernels measured beside PyTorch. */
package kiln.bench.gpu;
