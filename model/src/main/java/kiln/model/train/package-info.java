/** One optimizer step of any objective: its plans, its state, and what it tells about itself. */
package kiln.model.train;
