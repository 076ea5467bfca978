/** Drawing with a trained checkpoint, and judging what was drawn. */
package kiln.launcher.generate;
