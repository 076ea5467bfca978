/** Memory of a device over transports of the host's memory. */
package kiln.collectives.staged;
