/** Where the parts meet: the command line, ranks, the training loop, checkpoints, telemetry. */
package kiln.launcher;
