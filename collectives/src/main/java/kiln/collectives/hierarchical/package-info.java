/** A communicator made of two: one inside each node, one across nodes. */
package kiln.collectives.hierarchical;
