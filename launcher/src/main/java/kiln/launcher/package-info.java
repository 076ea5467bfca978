/** The command line, rank processes, the training loop, checkpoints and telemetry: where the other modules meet. */
package kiln.launcher;
