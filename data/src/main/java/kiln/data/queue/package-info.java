/** Blocks of samples in a Chronicle Queue: their layout, writing, mapping, and the order in which they are read. */
package kiln.data.queue;
