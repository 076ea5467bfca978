/** How fast checkpoints are written and read, and how long training waits for them. */
package kiln.bench.checkpoint;
