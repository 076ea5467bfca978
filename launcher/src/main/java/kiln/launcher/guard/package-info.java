/** Notices what goes wrong in training: numbers that are not finite, weights that differ between ranks, losses that jump. */
package kiln.launcher.guard;
