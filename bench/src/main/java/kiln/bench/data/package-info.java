/** How fast records come from the queue to where a plan reads them, and how long steps wait for them. */
package kiln.bench.data;
