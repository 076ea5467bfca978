/** What notices that training goes wrong: numbers that are not finite, weights that differ between ranks, losses that jump. */
package kiln.launcher.guard;
