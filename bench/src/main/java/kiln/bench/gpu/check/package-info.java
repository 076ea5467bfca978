/** Checks on the machine where a GPU is to be used: values, trainings and errors, and then the benchmarks. */
package kiln.bench.gpu.check;
