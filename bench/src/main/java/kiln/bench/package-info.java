/** Benchmarks. */
package kiln.bench;
