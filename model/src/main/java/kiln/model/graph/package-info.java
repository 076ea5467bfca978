/** The traced computation: values, nodes, parameters and the graph that holds them. */
package kiln.model.graph;
