/** Single kernels, each beside its reference implementation and beside what the library does without Kiln. */
package kiln.bench.kernel;
