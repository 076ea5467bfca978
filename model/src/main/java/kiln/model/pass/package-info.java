/** Transformations of graphs that change what a plan costs, and nothing that it computes. */
package kiln.model.pass;
