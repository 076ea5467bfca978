/** Rank processes of one machine: starting them, stopping them, and saying why one ended. */
package kiln.launcher.ranks;
