/** {@code kiln bench collectives}: Kiln's transports beside MPI in C. */
package kiln.bench.collectives;
