/** Checks of a backend on the machine where it is to be used: values, trainings, errors and speed. */
package kiln.bench.gpu;
