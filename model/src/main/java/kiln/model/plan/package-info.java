/** From a graph to launches on fixed places: lifetimes, memory, and the loop that runs them. */
package kiln.model.plan;
