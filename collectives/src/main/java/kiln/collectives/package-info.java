/** Ranks that work together: communicators, their transports, gradient buckets. */
package kiln.collectives;
