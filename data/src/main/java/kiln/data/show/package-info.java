/** Looking at a finished data set: its statistics in one pass, a choice of its samples, and what their truths say. */
package kiln.data.show;
