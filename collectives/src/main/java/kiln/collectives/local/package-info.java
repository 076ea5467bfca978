/** The transport {@code local}: ranks of one machine, joined by one memory-mapped file. */
package kiln.collectives.local;
